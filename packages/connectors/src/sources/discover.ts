/** Discovery modules: which module finds the devices that answer in a protocol. */
import type { Discoverable, DiscoverDeps, DiscoveryWish, Found } from '../discovery.ts'

/** The module is loaded on the first call, as with sources. Throws `SourceTrouble`. */
export async function discover(
  protocol: Discoverable,
  wish: DiscoveryWish,
  deps: DiscoverDeps,
  signal: AbortSignal,
): Promise<Found[]> {
  switch (protocol) {
    case 'ethernet-ip':
      return (await import('../ethernet-ip/discover.ts')).discoverEthernetIp(wish, deps, signal)
    case 'modbus':
      return (await import('../modbus/discover.ts')).discoverModbus(wish, deps, signal)
    case 'opcua':
      return (await import('../opcua/discover.ts')).discoverOpcua(wish, deps, signal)
    case 's7':
      return (await import('../s7/discover.ts')).discoverS7(wish, deps, signal)
    case 'snmp':
      return (await import('../snmp/discover.ts')).discoverSnmp(wish, deps, signal)
  }
}
