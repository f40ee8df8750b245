/** Sparkplug as a host, through mosquitto, with an edge node whose bytes are protoc's. */
import { SparkplugSource } from '@skerry/contract/sources/source'
import { hasMosquitto, type Mosquitto, startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { hasProtoc } from '@skerry/testkit/protoc'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Edge, startEdge } from './sinks-stage/sparkplug-edge.ts'
import { openStage } from './stage/stage.ts'

const METRICS: [name: string, rest: string, expected: object][] = [
  ['a double', 'datatype: 10 double_value: 21.5', { quality: 'good', value: 21.5 }],
  ['a float', 'datatype: 9 float_value: 3.25', { value: 3.25 }],
  ['a negative int8', 'datatype: 1 int_value: 4294967291', { value: -5 }],
  ['a negative int32', 'datatype: 3 int_value: 4294967295', { value: -1 }],
  ['a negative int64', 'datatype: 4 long_value: 18446744073709551611', { value: -5 }],
  ['an unsigned one', 'datatype: 7 int_value: 4294967295', { value: 4_294_967_295 }],
  [
    'one beyond 2^53',
    'datatype: 8 long_value: 9007199254740993',
    { quality: 'uncertain', cause: { code: 'value_inexact' } },
  ],
  ['a boolean', 'datatype: 11 boolean_value: true', { value: true }],
  ['text', 'datatype: 12 string_value: "läuft"', { value: 'läuft' }],
  ['a date', 'datatype: 13 long_value: 1795000000500', { value: 1_795_000_000_500 }],
  ['an array', 'datatype: 23 bytes_value: "\\001\\000\\376\\377"', { value: [1, -2] }],
  ['flags', 'datatype: 32 bytes_value: "\\003\\000\\000\\000\\240"', { value: [true, false, true] }],
  ['words', 'datatype: 33 bytes_value: "ab\\000c\\000"', { value: ['ab', 'c'] }],
  ['its time', 'timestamp: 1795000000500 datatype: 10 double_value: 1', { sourceTimeMs: 1_795_000_000_500 }],
  ['nothing', 'datatype: 10 is_null: true', { quality: 'bad', cause: { code: 'value_missing' } }],
  [
    'what is stale',
    'datatype: 10 double_value: 1 properties { keys: "Quality" values { type: 3 int_value: 500 } }',
    { quality: 'bad', cause: { code: 'value_stale' } },
  ],
  ['a data set', 'datatype: 16', { quality: 'bad' }],
]

const tagOf = (name: string, at: number) => ({ name: `t${at}`, node: 'line-3', device: 'press-7', metric: name })

/** The metrics above; `speed` has an alias. */
const birth = (isDevice: boolean) =>
  isDevice
    ? [
        ...METRICS.map(([name, rest]) => `metrics { name: "${name}" ${rest} }`),
        'metrics { name: "speed" alias: 7 datatype: 10 double_value: 1450 }',
      ].join(' ')
    : 'metrics { name: "Node Control/Rebirth" datatype: 11 boolean_value: false } metrics { name: "load" datatype: 9 float_value: 0.5 }'

describe.skipIf(!hasMosquitto || !hasProtoc)('sparkplug', () => {
  let broker: Mosquitto
  beforeAll(async () => {
    broker = await startMosquitto()
  })
  afterAll(() => broker[Symbol.asyncDispose]())

  const SPEED = { name: 'speed', node: 'line-3', device: 'press-7', metric: 'speed' }
  const LOAD = { name: 'load', node: 'line-3', metric: 'load' }

  const sourceOf = (tags: object[] = [SPEED, LOAD], connection: object = {}, port = broker.port) =>
    SparkplugSource.parse({
      name: 'plant',
      protocol: 'sparkplug',
      // A busy machine is not a broker that is silent: a connection that is given up takes what was told last with it.
      connection: { host: 'localhost', port, group: 'plant', timeoutMs: 10_000, ...connection },
      groups: [{ name: 'all', everyMs: 1_000, tags }],
    })

  const begin = async (tags?: object[], connection?: object) => {
    const edge = await startEdge({ port: broker.port, birth })
    const stage = openStage(sourceOf(tags, connection))
    return { edge, stage }
  }
  const end = async ({ edge, stage }: { edge: Edge; stage: AsyncDisposable }) => {
    await stage[Symbol.asyncDispose]()
    await edge[Symbol.asyncDispose]()
  }

  test('asks a node that is there already for its births, and reads what they tell', async () => {
    const { edge, stage } = await begin(METRICS.map(([name], at) => tagOf(name, at)))
    await stage.until(() => METRICS.every((_, at) => stage.count(`t${at}`) > 0) && edge.births > 0)
    await stage.until(() => stage.newest('t0')?.quality === 'good')
    for (const [at, [name, , expected]] of METRICS.entries())
      expect(stage.newest(`t${at}`), name).toMatchObject(expected)
    expect(edge.births).toBe(1)
    await end({ edge, stage })
  })

  test('takes data by alias, and asks for births where a message is missing', async () => {
    const { edge, stage } = await begin()
    await stage.until(() => stage.newest('speed')?.quality === 'good')
    for (let at = 1; at <= 300; at += 1) edge.tell(`metrics { alias: 7 double_value: ${at % 2} }`)
    edge.tell('metrics { alias: 7 double_value: 1500 }')
    await stage.until(() => JSON.stringify(stage.newest('speed')).includes('1500'))
    expect(stage.count('speed')).toBe(302)
    edge.skip()
    edge.tell('metrics { alias: 7 double_value: 9 }')
    await stage.until(() => stage.newest('speed')?.quality === 'bad')
    expect(stage.newest('speed')).toMatchObject({ cause: { code: 'value_stale' } })
    await end({ edge, stage })
  })

  test('a node that dies takes its devices along, a late death of another connection nobody; a new birth brings all back', async () => {
    const { edge, stage } = await begin()
    await stage.until(() => stage.newest('speed')?.quality === 'good')
    edge.disconnect()
    await stage.until(() => stage.newest('speed')?.quality === 'bad' && stage.newest('load')?.quality === 'bad')
    expect(stage.newest('load')).toMatchObject({ cause: { code: 'value_stale' } })
    await using next = await startEdge({ port: broker.port, birth, bdSeq: 2 })
    next.bear()
    await stage.until(() => stage.newest('speed')?.quality === 'good' && stage.newest('load')?.quality === 'good')
    await using old = await startEdge({ port: broker.port, birth, bdSeq: 1 })
    old.die()
    next.tell('metrics { alias: 7 double_value: 1600 }')
    await stage.until(() => JSON.stringify(stage.newest('speed')).includes('1600'))
    expect(stage.newest('load')?.quality).toBe('good')
    await end({ edge, stage })
  })

  test('a command is done when the metric says so', async () => {
    const tags = [
      { ...SPEED, write: { min: 0, max: 2_000 } },
      { ...LOAD, write: {} },
    ]
    const edge = await startEdge({
      port: broker.port,
      birth,
      onCommand(text) {
        const [, speed] = /alias: 7[^}]*double_value: ([\d.]+)/.exec(text) ?? []
        if (speed !== undefined) edge.tell(`metrics { alias: 7 double_value: ${speed} }`)
      },
    })
    await using stage = openStage(sourceOf(tags))
    await stage.until(() => stage.newest('speed')?.quality === 'good')
    expect(await stage.host.write('speed', 1_234.5)).toEqual({ ok: true })
    expect(edge.commands.at(-1)).toMatch(
      /metrics \{\n {2}alias: 7\n {2}timestamp: \d+\n {2}datatype: 10\n {2}double_value: 1234.5\n\}/,
    )
    expect(await stage.host.write('load', 0.25)).toMatchObject({ ok: false, code: 'write_unverified' })
    expect(await stage.host.write('load', true)).toMatchObject({ ok: false, code: 'tag_type' })
    await edge[Symbol.asyncDispose]()
  })

  test('shows what the births have told', deep('mqtt.test.ts browses in the quick tier'), async () => {
    const { edge, stage } = await begin()
    await stage.until(() => stage.newest('speed')?.quality === 'good')
    expect(await stage.host.browse('')).toEqual({
      ok: true,
      entries: [{ path: 'line-3', label: 'line-3', isFolder: true }],
    })
    const { entries } = { entries: [], ...(await stage.host.browse('line-3')) }
    expect(entries.map(({ path }) => path)).toContain('line-3/press-7')
    const device = { entries: [], ...(await stage.host.browse('line-3/press-7')) }
    expect(device.entries.find(({ label }) => label === 'speed')).toMatchObject({
      isFolder: false,
      tag: { node: 'line-3', device: 'press-7', metric: 'speed' },
    })
    await end({ edge, stage })
  })

  test(
    'a primary host says that it is there, insists on it, and says when it goes or is lost',
    deep('a role that an option turns on; wire.test.ts reads it, too'),
    async () => {
      const states: string[] = []
      await broker.listen('spBv1.0/STATE/hq', (line) => states.push(line))
      const stage = openStage(sourceOf([SPEED], { primaryHost: 'hq' }))
      await stage.until(() => states.some((line) => /"online":true/.test(line)))
      await broker.publish('spBv1.0/STATE/hq', '{"online":false,"timestamp":1}', '-r')
      await stage.until(() => states.length >= 3)
      expect(states.at(-1)).toMatch(/"online":true/)
      await stage[Symbol.asyncDispose]()
      await stage.until(() => /"online":false/.test(states.at(-1) ?? ''))
    },
  )

  test('while the broker is gone every tag is bad; births are asked for again when it is back', async () => {
    await using own = await startMosquitto()
    const stage = openStage(sourceOf([SPEED], {}, own.port))
    await using before = await startEdge({ port: own.port, birth })
    before.bear()
    await stage.until(() => stage.newest('speed')?.quality === 'good')
    await own.kill()
    await stage.until(() => stage.newest('speed')?.quality === 'bad' && stage.host.state().kind !== 'up')
    await own.start()
    await using after = await startEdge({ port: own.port, birth, bdSeq: 2 })
    after.bear()
    await stage.until(() => stage.newest('speed')?.quality === 'good')
    await stage[Symbol.asyncDispose]()
    expect(stage.host.figures().crashes).toBe(0)
  })
})
