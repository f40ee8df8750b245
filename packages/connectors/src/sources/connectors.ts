/** Connectors: which module speaks a protocol. Loaded when a source needs it, so that a device pays only for what it speaks. */
import type { Source } from '@skerry/contract/sources/source'
import type { Session, SessionDeps, SourcePlan } from '../session.ts'
import { interlockFlaws } from './write-guard.ts'

/** Connects to the equipment of a source. Throws `SourceTrouble`. */
export async function openSession(source: Source, deps: SessionDeps, signal: AbortSignal): Promise<Session> {
  switch (source.protocol) {
    case 'bacnet':
      return (await import('../bacnet/session.ts')).openBacnet(source, deps, signal)
    case 'camera':
      return (await import('../camera/session.ts')).openCamera(source, deps, signal)
    case 'can':
      return (await import('../can/session.ts')).openCan(source, deps, signal)
    case 'ethernet-ip':
      return (await import('../ethernet-ip/session.ts')).openEthernetIp(source, deps, signal)
    case 'files':
      return (await import('../files/session.ts')).openFiles(source, deps, signal)
    case 'http':
      return (await import('../http/session.ts')).openHttp(source, deps, signal)
    case 'iec104':
      return (await import('../iec104/session.ts')).openIec104(source, deps, signal)
    case 'knx':
      return (await import('../knx/session.ts')).openKnx(source, deps, signal)
    case 'modbus':
      return (await import('../modbus/session.ts')).openModbus(source, deps, signal)
    case 'opcua':
      return (await import('../opcua/session.ts')).openOpcua(source, deps, signal)
    case 'mqtt':
      return (await import('../mqtt/session.ts')).openMqtt(source, deps, signal)
    case 'serial':
      return (await import('../serial/session.ts')).openSerial(source, deps, signal)
    case 's7':
      return (await import('../s7/session.ts')).openS7(source, deps, signal)
    case 'simulator':
      return (await import('../simulator/session.ts')).openSimulator(source, deps, signal)
    case 'snmp':
      return (await import('../snmp/session.ts')).openSnmp(source, deps, signal)
    case 'sql':
      return (await import('../sql/session.ts')).openSql(source, deps, signal)
    case 'sparkplug':
      return (await import('../sparkplug/session.ts')).openSparkplug(source, deps, signal)
    case 'webhook':
      return (await import('../webhook/session.ts')).openWebhookSource(source, deps, signal)
  }
}

/** What a source would ask its equipment for, and what of it cannot work, without connecting to it. */
export async function planSource(source: Source): Promise<SourcePlan> {
  const { groups, problems } = await planRequests(source)
  return { groups, problems: [...problems, ...(await interlockFlaws(source))] }
}

async function planRequests(source: Source): Promise<SourcePlan> {
  switch (source.protocol) {
    case 'bacnet':
      return (await import('../bacnet/session.ts')).planBacnet(source)
    case 'camera':
    case 'can':
    case 'files':
      return asksNothing(source)
    case 'ethernet-ip':
      return (await import('../ethernet-ip/read.ts')).planEthernetIp(source)
    case 'http':
      return (await import('../http/session.ts')).planHttp(source)
    case 'iec104':
      return (await import('../iec104/address.ts')).planIec104(source)
    case 'knx':
      return (await import('../knx/session.ts')).planKnx(source)
    case 'modbus':
      return (await import('../modbus/address.ts')).planModbus(source)
    case 'opcua':
      return (await import('../opcua/address.ts')).planOpcua(source)
    case 'mqtt':
      return (await import('../mqtt/address.ts')).planMqtt(source)
    case 'serial':
      return (await import('../serial/session.ts')).planSerial(source)
    case 's7':
      return (await import('../s7/address.ts')).planS7(source)
    case 'simulator':
    case 'sparkplug':
    case 'webhook':
      return asksNothing(source)
    case 'snmp':
      return (await import('../snmp/session.ts')).planSnmp(source)
    case 'sql':
      return (await import('../sql/session.ts')).planSql(source)
  }
}

/** What is told without being asked, and what is not there. */
const asksNothing = ({ groups }: Source): SourcePlan => ({
  groups: groups.map(({ name }) => ({ group: name, requests: 0, places: 0 })),
  problems: [],
})
