/** Sinks that end at a broker, heard by mosquitto's own client and decoded by Google's protoc. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sink } from '@skerry/contract/sinks/sink'
import type { Lane, SinkBatch, SinkValue } from '@skerry/contract/sinks/sink-value'
import { systemClock } from '@skerry/platform/process/clock'
import { hasMosquitto, type Mosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { decode, encode, hasProtoc } from '@skerry/testkit/protoc'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { SinkDeps, SinkSession } from '../../src/sink.ts'
import { openSink } from '../../src/sinks/sinks.ts'

const { signal } = new AbortController()

const speed = (value: number | string, eventTimeMs = 1_795_000_000_000): SinkValue => ({
  signal: 'press-7/speed',
  source: 'press-7',
  tag: 'speed',
  unit: '1/min',
  eventTimeMs,
  quality: 'good',
  value,
})

const score = (value: number): SinkValue => ({
  signal: 'score',
  flow: 'anomaly',
  eventTimeMs: 5,
  quality: 'good',
  value,
})

const BAD: SinkValue = {
  signal: 'press-7/speed',
  source: 'press-7',
  tag: 'speed',
  eventTimeMs: 7,
  quality: 'bad',
  cause: 'source_lost',
}

const batchOf = (values: SinkValue[], lane: Lane = 'normal'): SinkBatch => ({
  stream: '0123456789abcdef',
  lane,
  first: 1,
  values,
})

describe.skipIf(!hasMosquitto || !hasProtoc)('sinks at a broker', () => {
  let broker: Mosquitto
  let folder: string
  beforeAll(async () => {
    broker = await startMosquitto()
    folder = mkdtempSync(join(tmpdir(), 'skerry-broker-sinks-'))
  })
  afterAll(async () => {
    await broker[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  const deps = (): SinkDeps => ({ clock: systemClock, random: Math.random, folder, secrets: {} })

  async function open(protocol: string, connection: object, port = broker.port): Promise<SinkSession> {
    const address = { host: 'localhost', port, keepaliveSeconds: 1, timeoutMs: 1_000 }
    const sink = Sink.parse({ name: 'out', protocol, connection: { ...address, ...connection } })
    const session = await openSink(sink, deps(), signal)
    onTestFinished(() => session[Symbol.asyncDispose]())
    return session
  }

  test('each value is a message of JSON on a topic of its own, delivered when the broker has it', async () => {
    const lines: string[] = []
    await broker.listen('out/#', (line) => lines.push(line), '-F', '%t %p')
    const session = await open('mqtt', { topic: 'out/{source}/{tag}/{flow}' })
    const many = Array.from({ length: 100 }, (_, at) => speed(at))
    expect(await session.send(batchOf([...many, BAD, score(0.5)]), signal)).toEqual({ ok: true })
    await until(() => lines.length === 102)
    expect(JSON.parse(lines[1]?.slice('out/press-7/speed/- '.length) ?? '')).toEqual({
      id: '0123456789abcdef.normal.2',
      time: '2026-11-18T11:06:40.000Z',
      signal: 'press-7/speed',
      source: 'press-7',
      tag: 'speed',
      unit: '1/min',
      quality: 'good',
      value: 1,
    })
    expect(lines[100]).toMatch(/"quality":"bad","cause":"source_lost"/)
    expect(lines[101]).toMatch(/^out\/-\/-\/anomaly /)
  })

  test.each(['mqtt', 'sparkplug'])(
    '%s: what a broker that is frozen or gone did not take is not delivered',
    async (protocol) => {
      await using own = await startMosquitto()
      const connection = protocol === 'mqtt' ? {} : { group: 'plant', node: 'edge-1' }
      const session = await open(protocol, connection, own.port)
      expect(await session.send(batchOf([speed(1)]), signal)).toEqual({ ok: true })
      own.freeze()
      await expect(session.send(batchOf([speed(2)]), signal)).rejects.toMatchObject({ code: 'sink_silent' })
      await own.kill()
      await expect(session.send(batchOf([speed(2)]), signal)).rejects.toMatchObject({ name: 'SinkTrouble' })
      await expect(open(protocol, connection, own.port)).rejects.toMatchObject({ code: 'sink_unreachable' })
      await own.start()
      expect(await (await open(protocol, connection, own.port)).send(batchOf([speed(2)]), signal)).toEqual({ ok: true })
    },
  )

  test('who may not publish is told, and nothing counts as delivered', async () => {
    const config = ['allow_anonymous true', 'acl_file $FOLDER/acl']
    await using own = await startMosquitto({ config, files: { acl: 'topic read #\n' } })
    const session = await open('mqtt', {}, own.port)
    await expect(session.send(batchOf([speed(1)]), signal)).rejects.toMatchObject({ code: 'sink_denied' })
  })

  test('a secret that is not there is said before anybody connects', async () => {
    const wanting = open('mqtt', { user: 'edge', password: { secret: 'none' } })
    await expect(wanting).rejects.toMatchObject({ code: 'sink_unfit' })
  })

  /** What is said in the group, decoded. */
  async function follow(group: string) {
    const said: { type: string; device: string | undefined; text: string; seq: number | undefined }[] = []
    await broker.listen(
      `spBv1.0/${group}/#`,
      (line) => {
        const [topic = '', hex = ''] = line.split(' ')
        const [, , type = '', , device] = topic.split('/')
        const text = decode(Buffer.from(hex, 'hex'))
        const seq = /^seq: (\d+)/m.exec(text)?.[1]
        said.push({ type, device, text, seq: seq === undefined ? undefined : Number(seq) })
      },
      '-F',
      '%t %x',
    )
    return said
  }

  test('a node is born, then its devices as they come; data have aliases, times, and a mark where they are late', async () => {
    const said = await follow('born')
    const session = await open('sparkplug', { group: 'born', node: 'edge-1' })
    await session.send(batchOf([speed(1_450)]), signal)
    await session.send(batchOf([speed(1_460), BAD]), signal)
    await session.send(batchOf([speed(1_440, 1_790_000_000_000)], 'normal-late'), signal)
    await session.send(batchOf([score(0.5), speed(1_470)]), signal)
    await until(() => said.length === 9)
    expect(said.map(({ type, device, seq }) => [type, device, seq])).toEqual([
      ['NBIRTH', undefined, 0],
      ['DBIRTH', 'press-7', 1],
      ['DDATA', 'press-7', 2],
      ['DDATA', 'press-7', 3],
      ['DDATA', 'press-7', 4],
      // A metric of the node itself is new.
      ['NBIRTH', undefined, 0],
      ['DBIRTH', 'press-7', 1],
      ['NDATA', undefined, 2],
      ['DDATA', 'press-7', 3],
    ])
    const texts = said.map(({ text }) => text.replaceAll(/\s+/g, ' '))
    expect(texts[0]).toMatch(
      /name: "bdSeq" timestamp: \d+ datatype: 4 long_value: \d+ .*name: "Node Control\/Rebirth" timestamp: \d+ datatype: 11 boolean_value: false/,
    )
    expect(texts[1]).toMatch(/name: "speed" alias: 1 timestamp: \d+ datatype: 10 is_null: true/)
    expect(texts[2]).toMatch(/metrics { alias: 1 timestamp: 1795000000000 datatype: 10 double_value: 1450 } seq: 2/)
    expect(texts[3]).toMatch(
      /is_null: true properties { keys: "Quality" keys: "Cause" values { type: 3 int_value: 0 } values { type: 12 string_value: "source_lost" } }/,
    )
    expect(texts[4]).toMatch(/timestamp: 1790000000000 datatype: 10 is_historical: true double_value: 1440/)
    // A birth says how it is, which is not what came late.
    expect(texts[6]).toMatch(/name: "speed" alias: 1 timestamp: 7 datatype: 10 is_null: true/)
  })

  test('a type that changes is told by a birth before the value that has it', async () => {
    const said = await follow('types')
    const session = await open('sparkplug', { group: 'types', node: 'edge-1' })
    await session.send(batchOf([speed(1), speed('off'), speed(2)]), signal)
    await until(() => said.length === 7)
    expect(said.map(({ type }) => type).join(' ')).toBe('NBIRTH DBIRTH DDATA DBIRTH DDATA DBIRTH DDATA')
  })

  test('births are said again when a host asks; a death belongs to its connection, and is said on leaving, too', async () => {
    const said = await follow('again')
    const session = await open('sparkplug', { group: 'again', node: 'edge-1' })
    await session.send(batchOf([speed(1)]), signal)
    await until(() => said.length === 3)
    const command = encode('metrics { name: "Node Control/Rebirth" datatype: 11 boolean_value: true }')
    await broker.publishBytes('spBv1.0/again/NCMD/edge-1', command)
    await until(() => said.filter(({ type }) => type === 'DBIRTH').length === 2)
    expect(said.filter(({ type }) => type === 'NBIRTH').map(({ seq }) => seq)).toEqual([0, 0])
    await session[Symbol.asyncDispose]()
    await until(() => said.some(({ type }) => type === 'NDEATH'))
    await open('sparkplug', { group: 'again', node: 'edge-1' })
    await until(() => said.filter(({ type }) => type === 'NBIRTH').length === 3)
    const bdSeqs = said.flatMap(({ type, text }) =>
      type === 'NBIRTH' || type === 'NDEATH' ? [Number(/long_value: (\d+)/.exec(text)?.[1])] : [],
    )
    const [first = 0] = bdSeqs
    expect(bdSeqs).toEqual([first, first, first, first + 1])
  })

  test(
    'nothing is sent while the primary host is not there, and what it says late is not believed',
    deep('what one host may hold up; the births show the session'),
    async () => {
      const host = (online: boolean, timestamp: number) =>
        broker.publish('spBv1.0/STATE/hq', JSON.stringify({ online, timestamp }), '-r')
      const connection = { group: 'hosted', node: 'edge-1', primaryHost: 'hq' }
      const said = await follow('hosted')
      await expect(open('sparkplug', connection)).rejects.toMatchObject({ code: 'sink_busy', retryAfterMs: 5_000 })
      expect(said.filter(({ type }) => type === 'NBIRTH')).toEqual([])
      await host(true, 100)
      const session = await open('sparkplug', connection)
      await host(false, 50)
      expect(await session.send(batchOf([speed(1)]), signal)).toEqual({ ok: true })
      await host(false, 100)
      await until(() => said.length >= 3)
      const isAway = async () =>
        (await session.send(batchOf([speed(2)]), signal).catch((error) => error.code)) === 'sink_busy'
      await until(isAway)
      await session[Symbol.asyncDispose]()
      await until(() => said.at(-1)?.type === 'NDEATH')
    },
  )
})
