/** What our own protocol code says on the wire, as Wireshark's dissectors read it: of another origin than the peers, and strict about form. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sink } from '@skerry/contract/sink'
import type { SinkValue } from '@skerry/contract/sink-value'
import { Iec104Source } from '@skerry/contract/source'
import { systemClock } from '@skerry/platform/clock'
import { hasIec104, startIec104 } from '@skerry/testkit/iec104-peer'
import { hasMosquitto, startMosquitto } from '@skerry/testkit/mosquitto'
import { expect, onTestFinished, test } from 'vitest'
import { openSink } from '../src/sinks.ts'
import { CLIENT_PORT, hasTshark } from './dissect.ts'
import { openStage } from './stage.ts'
import { openWire, type Wire } from './wire.ts'

/** What Wireshark warns of, of either side. */
const complaints = (wire: Wire, protocol: string) =>
  wire.dissect(protocol, '_ws.malformed || _ws.expert.severity >= 0x600000', ['_ws.expert.message'])

const speed = (value: number): SinkValue => ({
  ...{
    signal: 'press-7/speed',
    source: 'press-7',
    tag: 'speed',
    eventTimeMs: 1_795_000_000_000,
    quality: 'good',
    value,
  },
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

test.skipIf(!hasTshark || !hasIec104)(
  'iec104: frames are numbered without a gap, and acknowledge what came, no more and no less than before',
  async () => {
    await using peer = await startIec104()
    await using wire = await openWire(peer.port)
    const go = { name: 'go', address: '410', command: { kind: 'single', address: '430' }, write: { verify: false } }
    const source = Iec104Source.parse({
      ...{ name: 'station', protocol: 'iec104' },
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
