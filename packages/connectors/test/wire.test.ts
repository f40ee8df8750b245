/**
 * What our own protocol code says on the wire, as Wireshark's dissectors read it: of another origin than the peers, and strict about form.
 * @module-tag deep a second reader of messages that peers of others take in the quick conformance tests
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sink } from '@skerry/contract/sinks/sink'
import type { SinkValue } from '@skerry/contract/sinks/sink-value'
import { Iec104Source, SparkplugSource } from '@skerry/contract/sources/source'
import { systemClock } from '@skerry/platform/process/clock'
import { hasIec104, startIec104 } from '@skerry/testkit/peers/iec104-peer'
import { hasMosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { decode, hasProtoc } from '@skerry/testkit/protoc'
import { expect, onTestFinished, test } from 'vitest'
import { openSink } from '../src/sinks/sinks.ts'
import { startEdge } from './sinks-stage/sparkplug-edge.ts'
import { CLIENT_PORT, hasTshark } from './stage/dissect.ts'
import { openStage } from './stage/stage.ts'
import { openWire, type Wire } from './stage/wire.ts'

/** What Wireshark warns of, of either side. */
const complaints = (wire: Wire, protocol: string, where = '') =>
  wire.dissect(protocol, `(_ws.malformed || _ws.expert.severity >= 0x600000)${where}`, ['_ws.expert.message'])

const speed = (value: number): SinkValue => ({
  signal: 'press-7/speed',
  source: 'press-7',
  tag: 'speed',
  eventTimeMs: 1_795_000_000_000,
  quality: 'good',
  value,
})

test.skipIf(!hasTshark || !hasMosquitto)('sparkplug: a node that is born, tells and leaves', async () => {
  const { signal } = new AbortController()
  const folder = mkdtempSync(join(tmpdir(), 'skerry-dissected-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await using broker = await startMosquitto()
  await using wire = await openWire(broker.port)
  const connection = { host: '127.0.0.1', port: wire.port, group: 'plant', node: 'edge-1' }
  const sink = Sink.parse({ name: 'out', protocol: 'sparkplug', connection })
  const session = await openSink(sink, { clock: systemClock, random: Math.random, folder, secrets: {} }, signal)
  await session.send({ stream: '0123456789abcdef', lane: 'normal', first: 1, values: [speed(1_450)] }, signal)
  await session[Symbol.asyncDispose]()
  const topic = ['namespace', 'groupid', 'messagetype', 'edgenodeid', 'deviceid'].map((name) => `sparkplugb.${name}`)
  // What is in a payload is protoc's to judge: Debian's Wireshark knows that it is sound, but not the names in it.
  const messages = wire.dissect('mqtt', 'sparkplugb', [...topic])
  const flat = (name: string) => messages.flatMap((message) => message[name] ?? [])
  expect(flat('sparkplugb.messagetype')).toEqual(['NBIRTH', 'DBIRTH', 'DDATA', 'NDEATH'])
  expect(flat('sparkplugb.deviceid')).toEqual(['press-7', 'press-7'])
  for (const [field, value] of [
    ['namespace', 'spBv1.0'],
    ['groupid', 'plant'],
    ['edgenodeid', 'edge-1'],
  ]) {
    expect(flat(`sparkplugb.${field}`)).toEqual([value, value, value, value])
  }
  const [{ 'mqtt.willtopic': will } = {}] = wire.dissect('mqtt', 'mqtt.msgtype == 1', ['mqtt.willtopic'])
  expect(will).toEqual(['spBv1.0/plant/NDEATH/edge-1'])
  expect(complaints(wire, 'mqtt')).toEqual([])
})

/** What a host has to do with: a press that does what it is told, by its alias. */
const press = (isDevice: boolean) =>
  isDevice
    ? 'metrics { name: "speed" alias: 7 datatype: 10 double_value: 1450 }'
    : 'metrics { name: "load" datatype: 9 float_value: 0.5 }'

test.skipIf(!hasTshark || !hasMosquitto || !hasProtoc)(
  'sparkplug: a primary host that comes, asks for births, commands and goes',
  async () => {
    await using broker = await startMosquitto()
    await using wire = await openWire(broker.port)
    await using edge = await startEdge({
      port: broker.port,
      birth: press,
      onCommand(text) {
        const [, speed] = /alias: 7[^}]*double_value: ([\d.]+)/.exec(text) ?? []
        if (speed !== undefined) edge.tell(`metrics { alias: 7 double_value: ${speed} }`)
      },
    })
    const place = { node: 'line-3', metric: 'speed', device: 'press-7' }
    const source = SparkplugSource.parse({
      name: 'scada',
      protocol: 'sparkplug',
      connection: { host: '127.0.0.1', port: wire.port, group: 'plant', primaryHost: 'hq', timeoutMs: 60_000 },
      groups: [{ name: 'all', everyMs: 1_000, tags: [{ name: 'speed', ...place, write: {} }] }],
    })
    const stage = openStage(source)
    await stage.until(() => stage.newest('speed')?.quality === 'good')
    expect(await stage.host.write('speed', 1_200)).toEqual({ ok: true })
    await stage[Symbol.asyncDispose]()
    const fields = ['mqtt.topic', 'mqtt.qos', 'mqtt.retain', 'mqtt.msg']
    const messages = wire.dissect('mqtt', `tcp.srcport == ${CLIENT_PORT} && mqtt.msgtype == 3`, fields)
    const flat = (name: string) => messages.flatMap((message) => message[name] ?? [])
    // [tck-id-host-topic-phid-birth-qos, tck-id-payloads-ncmd-qos, tck-id-payloads-dcmd-qos] And the same of what is kept.
    const state = 'STATE/hq'
    const asks = 'plant/NCMD/line-3'
    const commands = 'plant/DCMD/line-3/press-7'
    expect(flat('mqtt.topic')).toEqual([state, asks, commands, state].map((topic) => `spBv1.0/${topic}`))
    expect(flat('mqtt.qos')).toEqual(['1', '0', '0', '1'])
    expect(flat('mqtt.retain')).toEqual(['True', 'False', 'False', 'True'])
    const [comes = '', rebirth = '', command = '', goes = ''] = flat('mqtt.msg')
    const textOf = (hex: string) => Buffer.from(hex, 'hex').toString()
    // The will, and what is said on leaving, are of the same moment as the birth of that connection.
    const { timestamp } = JSON.parse(textOf(comes))
    expect([textOf(comes), textOf(goes)].map((text) => JSON.parse(text))).toEqual([
      { online: true, timestamp },
      { online: false, timestamp },
    ])
    const wills = ['topic', 'msg'].map((part) => `mqtt.will${part}`)
    const ofWill = ['qos', 'retain'].map((flag) => `mqtt.conflag.${flag}`)
    expect(wire.dissect('mqtt', 'mqtt.msgtype == 1', [...wills, ...ofWill])).toEqual([
      {
        'mqtt.willtopic': [`spBv1.0/${state}`],
        'mqtt.willmsg': [goes],
        [ofWill[0] ?? '']: ['1'],
        [ofWill[1] ?? '']: ['True'],
      },
    ])
    expect(decode(Buffer.from(rebirth, 'hex'))).toMatch(
      /^timestamp: \d+\nmetrics \{\n {2}name: "Node Control\/Rebirth"\n {2}datatype: 11\n {2}boolean_value: true\n\}\n$/,
    )
    expect(decode(Buffer.from(command, 'hex'))).toMatch(
      /^timestamp: \d+\nmetrics \{\n {2}alias: 7\n {2}timestamp: \d+\n {2}datatype: 10\n {2}double_value: 1200\n\}\n$/,
    )
    const types = wire.dissect('mqtt', `tcp.srcport == ${CLIENT_PORT} && sparkplugb`, ['sparkplugb.messagetype'])
    // Debian's Wireshark knows STATE as it was before 3.0, and takes the host's name for a type.
    expect(types.flatMap((message) => message['sparkplugb.messagetype'] ?? [])).toEqual(['hq', 'NCMD', 'DCMD', 'hq'])
    expect(complaints(wire, 'mqtt', ' && !(mqtt.topic contains "/STATE/")')).toEqual([])
  },
)

test.skipIf(!hasTshark || !hasIec104)(
  'iec104: frames are numbered without a gap, and acknowledge what came, no more and no less than before',
  async () => {
    await using peer = await startIec104()
    await using wire = await openWire(peer.port)
    const go = { name: 'go', address: '410', command: { kind: 'single', address: '430' }, write: { verify: false } }
    const source = Iec104Source.parse({
      name: 'station',
      protocol: 'iec104',
      connection: { host: '127.0.0.1', port: wire.port, timeoutMs: 5_000 },
      groups: [{ name: 'all', everyMs: 1_000, tags: [{ name: 'burst', address: '500' }, go] }],
    })
    await using stage = openStage(source)
    await stage.until(() => stage.newest('go')?.quality === 'good')
    expect(await stage.host.write('go', true)).toEqual({ ok: true })
    await stage.until(() => stage.count('burst') >= 300)
    const part = (name: string) => `iec60870_104.${name}`
    const fields = ['tcp.srcport', part('type'), part('tx'), part('rx'), 'iec60870_asdu.typeid']
    const frames = wire.dissect('iec60870_104', 'iec60870_104', fields)
    const ours = frames.filter((frame) => frame['tcp.srcport']?.[0] === String(CLIENT_PORT))
    const numbers = (name: string) => ours.flatMap((frame) => frame[name] ?? []).map(Number)
    // An interrogation, and a single command.
    expect(numbers('iec60870_asdu.typeid')).toEqual([100, 45])
    expect(numbers(part('tx'))).toEqual([0, 1])
    const acknowledged = numbers(part('rx'))
    expect(acknowledged).toEqual(acknowledged.toSorted((a, b) => a - b))
    let heard = 0
    for (const { 'tcp.srcport': from, ...frame } of frames) {
      const isOurs = from?.[0] === String(CLIENT_PORT)
      if (isOurs) for (const rx of frame[part('rx')] ?? []) expect(Number(rx)).toBeLessThanOrEqual(heard)
      else heard += frame[part('tx')]?.length ?? 0
    }
    expect(heard).toBeGreaterThan(300)
    expect(complaints(wire, 'iec60870_104')).toEqual([])
  },
)
