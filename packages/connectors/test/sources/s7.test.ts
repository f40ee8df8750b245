/** S7 against snap7: its own bytes, its own rejections, and a CPU that dies, freezes and comes back. */
import { S7Source } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { NetworkPeer } from '@skerry/testkit/peers/compiled-peer'
import { hasS7, startS7 } from '@skerry/testkit/peers/s7-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planS7 } from '../../src/s7/address.ts'
import { openStage } from '../stage/stage.ts'

const sourceAt = (port: number, tags: object[], connection: object = {}) =>
  S7Source.parse({
    name: 'plc',
    protocol: 's7',
    connection: { host: '127.0.0.1', port, timeoutMs: 2_000, ...connection },
    groups: [{ name: 'all', everyMs: 20, tags }],
  })

describe.skipIf(!hasS7)('s7', () => {
  let peer: NetworkPeer
  beforeAll(async () => {
    peer = await startS7()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  const stageOf = (tags: object[], connection: object = {}) => openStage(sourceAt(peer.port, tags, connection))

  async function readOnce(
    tags: { name: string; address?: string; [more: string]: unknown }[],
    connection: object = {},
  ) {
    await using stage = stageOf(tags, connection)
    await stage.until(() => tags.every(({ name }) => stage.newest(name) !== undefined))
    return Object.fromEntries(tags.map(({ name }) => [name, stage.newest(name)]))
  }

  const VALUES: [string, object, TagContent][] = [
    ['a REAL', { address: 'DB1.DBD0', type: 'real' }, 21.5],
    ['an INT', { address: 'DB1.DBW4', type: 'int' }, -123],
    ['a WORD', { address: 'DB1.DBW4' }, 65_413],
    ['a bit that is set', { address: 'DB1.DBX6.0' }, true],
    ['a bit that is not', { address: 'DB1.DBX6.1' }, false],
    ['several bits', { address: 'DB1.DBX6.0', count: 3 }, [true, false, true]],
    ['a DINT', { address: 'DB1.DBD8', type: 'dint' }, 123_456_789],
    ['a STRING', { address: 'DB1.DBB20', type: 'string', length: 20 }, 'HELLO'],
    ['a byte of memory', { address: 'MB0' }, 0xaa],
    ['a bit of memory', { address: 'M0.7' }, true],
    ['an input', { address: 'E0.0' }, false],
    ['an output', { address: 'QB4' }, 0],
    ['an array', { address: 'DB2.DBD4', type: 'real', count: 3 }, [0.5, 1, 1.5]],
    ['a masked byte', { address: 'MB0', mask: 0xf0, shift: 4 }, 10],
  ]

  test('every type is read as snap7 reads it, all in one request', async () => {
    const tags = VALUES.map(([, tag], index) => ({ name: `t${index}`, ...tag }))
    const read = await readOnce(tags)
    for (const [index, [what, , value]] of VALUES.entries()) {
      expect(read[`t${index}`], what).toMatchObject({ quality: 'good', value })
    }
    expect(planS7(sourceAt(102, tags)).groups).toMatchObject([{ requests: 1 }])
  })

  test('a missing block, and bytes beyond the end of one, spoil no other tag', async () => {
    const read = await readOnce([
      { name: 'good', address: 'DB1.DBD0', type: 'real' },
      { name: 'gone', address: 'DB77.DBD0', type: 'real' },
      { name: 'last', address: 'DB1.DBW4094', type: 'int' },
      { name: 'beyond', address: 'DB1.DBW4096', type: 'int' },
      { name: 'far', address: 'DB1.DBW4100', type: 'int' },
    ])
    expect(read).toMatchObject({
      good: { quality: 'good', value: 21.5 },
      gone: { quality: 'bad', cause: { code: 'address_unknown' } },
      last: { quality: 'good', value: 0 },
      beyond: { quality: 'bad', cause: { code: 'address_unknown' } },
      far: { quality: 'bad', cause: { code: 'address_unknown' } },
    })
  })

  test('each writable kind is written, read back, and leaves its neighbours', async () => {
    const orders: [string, object, TagContent][] = [
      ['real', { address: 'DB1.DBD100', type: 'real' }, 2.5],
      ['scaled', { address: 'DB1.DBW104', type: 'int', scale: 0.1 }, -21.5],
      ['dint', { address: 'DB1.DBD108', type: 'dint' }, -70_000],
      ['lreal', { address: 'DB1.DBB112', type: 'lreal' }, 1e100],
      ['byte', { address: 'DB1.DBB120' }, 200],
      ['bit', { address: 'DB1.DBX122.3' }, true],
      ['text', { address: 'DB1.DBB20', type: 'string', length: 20 }, 'PRESS 7'],
      ['high', { address: 'MW10', mask: 0xff00, shift: 8 }, 9],
      ['output', { address: 'Q8.2' }, true],
    ]
    const tags = orders.map(([name, tag]) => ({ name, ...tag, write: {} }))
    await using stage = stageOf([
      ...tags,
      { name: 'bits', address: 'DB1.DBB122' },
      { name: 'room', address: 'DB1.DBB20' },
    ])
    await stage.until(() => stage.count('bits') > 0)
    for (const [name, , value] of orders) expect(await stage.host.write(name, value), name).toEqual({ ok: true })
    const after = stage.count('bits')
    await stage.until(() => stage.count('bits') > after + 1)
    for (const [name, , value] of orders) expect(stage.newest(name), name).toMatchObject({ quality: 'good', value })
    expect([stage.newest('bits'), stage.newest('room')]).toMatchObject([{ value: 8 }, { value: 20 }])
    expect(await stage.host.write('bit', 1)).toMatchObject({ ok: false, code: 'tag_type' })
    expect(await stage.host.write('byte', 256)).toMatchObject({ ok: false, code: 'tag_type' })
    expect(await stage.host.write('text', 'MUCH TOO LONG FOR THIS STRING')).toMatchObject({
      ok: false,
      code: 'tag_type',
    })
    expect(await stage.host.write('text', 'HELLO')).toEqual({ ok: true })
  })

  test('an array is written whole by one request, read back, and leaves its neighbours', async () => {
    const most = Array.from({ length: 232 }, (_, index) => index / 4)
    const orders: [string, object, TagContent][] = [
      ['reals', { address: 'DB1.DBD1000', type: 'real', count: 3 }, [2.5, -1, 0]],
      ['scaled', { address: 'DB1.DBW1020', type: 'int', count: 3, scale: 0.1 }, [-21.5, 0, 50]],
      ['longs', { address: 'DB1.DBB1030', type: 'lint', count: 2 }, [-(2 ** 40), 7]],
      ['bytes', { address: 'DB1.DBB1050', count: 5 }, [0, 1, 2, 254, 255]],
      ['whole', { address: 'DB1.DBX1060.0', count: 16 }, Array.from({ length: 16 }, (_, index) => index % 3 === 0)],
      ['within', { address: 'DB1.DBX1070.3', count: 7 }, [true, false, true, true, false, false, true]],
      // The most bytes that one message of 960 bytes carries.
      ['most', { address: 'DB1.DBD2000', type: 'real', count: 232 }, most],
    ]
    const tags = orders.map(([name, tag]) => ({ name, ...tag, write: {} }))
    await using stage = stageOf([
      ...tags,
      ...['after', 'low', 'high'].map((name, index) => ({
        name,
        address: ['DB1.DBW1026', 'DB1.DBX1070.1', 'DB1.DBX1071.5'][index],
        write: {},
      })),
    ])
    await stage.until(() => stage.newest('most')?.quality === 'good')
    for (const [name, value] of [['after', 0xabcd] as const, ['low', true] as const, ['high', true] as const])
      expect(await stage.host.write(name, value), name).toEqual({ ok: true })
    for (const [name, , value] of orders) expect(await stage.host.write(name, value), name).toEqual({ ok: true })
    const rounds = stage.count('most')
    await stage.until(() => stage.count('most') > rounds + 1)
    for (const [name, , value] of orders) expect(stage.newest(name), name).toMatchObject({ quality: 'good', value })
    expect(['after', 'low', 'high'].map(stage.newest)).toMatchObject([
      { value: 0xabcd },
      { value: true },
      { value: true },
    ])
    for (const [name, value] of [['reals', [1, 2]] as const, ['bytes', [0, 1, 2, 3, 256]] as const])
      expect(await stage.host.write(name, [...value]), name).toMatchObject({ ok: false, code: 'tag_type' })
    expect(stage.newest('reals')).toMatchObject({ value: [2.5, -1, 0] })
  })

  test('an array that does not fit one message is rejected before it is written', async () => {
    const tag = { name: 'list', address: 'DB1.DBD2000', type: 'real', count: 60, write: {} }
    expect(planS7(sourceAt(102, [tag], { pduMax: 240 })).problems).toMatchObject([
      { tag: 'list', message: expect.stringContaining('it needs 240 bytes, and a message can have 210') },
    ])
    await using stage = stageOf([tag, { name: 'there', address: 'DB1.DBD0', type: 'real' }], { pduMax: 240 })
    await stage.until(() => stage.newest('there')?.quality === 'good')
    const outcome = await stage.host.write(
      'list',
      Array.from({ length: 60 }, () => 1),
    )
    expect(outcome).toMatchObject({
      ok: false,
      code: 'write_refused',
      message: expect.stringContaining('a message can have 210'),
    })
  })

  test(
    'a CPU that accepts only short messages gets short ones',
    deep('another CPU; the one of long messages is quick'),
    async () => {
      const tags = Array.from({ length: 500 }, (_, index) => ({
        name: `t${index}`,
        address: `DB2.DBD${index * 4}`,
        type: 'real',
      }))
      const read = await readOnce(tags, { pduMax: 240 })
      expect(read.t499).toMatchObject({ quality: 'good', value: 249.5 })
      expect(planS7(sourceAt(102, tags, { pduMax: 240 })).groups).toMatchObject([{ requests: Math.ceil(500 / 55) }])
    },
  )

  test.each([
    ['none', {}, 4, 260],
    ['shrink', {}, 3, 260],
    ['rearrange', {}, 2, 260],
    ['max-insert', {}, 1, 364],
    ['max-insert', { gapMax: 3 }, 2, 260],
  ])('the plan %s, with %j, reads the same by %d requests', async (mode, limits, requests, places) => {
    const upTo = (count: number) => [...Array(count).keys()]
    // Twenty in order, twenty in reverse order, and 25 with a gap before each. A request has at most twenty places.
    const order = [...upTo(20), ...upTo(20).map((at) => 39 - at), ...upTo(25).map((at) => 90 - 2 * at)]
    const tags = order.map((at) => ({ name: `t${at}`, address: `DB2.DBD${at * 4}`, type: 'real' }))
    const connection = { plan: { mode, ...limits } }
    const read = await readOnce(tags, connection)
    for (const at of order) expect(read[`t${at}`], `${at}`).toMatchObject({ quality: 'good', value: at / 2 })
    expect(planS7(sourceAt(102, tags, connection)).groups).toMatchObject([{ requests, places }])
  })

  test('while the CPU is gone every tag is bad, reported once; it returns soon after it is up again', async () => {
    await using stage = stageOf([{ name: 'tag', address: 'DB1.DBD0', type: 'real' }])
    await stage.until(() => stage.newest('tag')?.quality === 'good')
    await peer.kill()
    await stage.until(() => stage.newest('tag')?.quality === 'bad')
    const told = stage.count('tag')
    await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length > 2)
    expect(stage.count('tag')).toBe(told)
    expect(stage.newest('tag')).toMatchObject({ cause: { code: expect.stringMatching(/^source_(lost|unreachable)$/) } })
    await peer.start()
    await stage.until(() => stage.newest('tag')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })

  test(
    'a silent CPU is given up after the timeout, and no late answer is taken for another',
    deep('a second fault; the CPU that is gone shows the return'),
    async () => {
      await using stage = stageOf([
        { name: 'one', address: 'DB1.DBD0', type: 'real' },
        { name: 'far', address: 'DB2.DBD400', type: 'real' },
      ])
      await stage.until(() => stage.newest('far')?.quality === 'good')
      for (let round = 0; round < 3; round += 1) {
        const downs = stage.states.filter(({ kind }) => kind === 'down').length
        peer.freeze()
        await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length > downs)
        expect(stage.newest('one')).toMatchObject({ quality: 'bad', cause: { code: 'source_silent' } })
        peer.thaw()
        await stage.until(() => stage.newest('one')?.quality === 'good' && stage.newest('far')?.quality === 'good')
        expect([stage.newest('one'), stage.newest('far')]).toMatchObject([{ value: 21.5 }, { value: 50 }])
      }
      expect(stage.host.figures().crashes).toBe(0)
    },
  )
})

test('100,000 REALs need a few hundred blocks, and tags that fit no message are rejected before any connection', () => {
  const tags = Array.from({ length: 100_000 }, (_, index) => ({
    name: `t${index}`,
    address: `DB${1 + Math.floor(index / 10_000)}.DBD${(index % 10_000) * 4}`,
    type: 'real',
  }))
  // 235 REALs in each message of 960 bytes. The last REAL of each block shares a message with the first of the next.
  const [plan] = planS7(sourceAt(102, tags)).groups
  expect(plan?.places).toBe(400_000)
  expect(plan?.requests).toBeLessThanOrEqual(10 * Math.ceil(10_000 / 235))
  const { problems } = planS7(sourceAt(102, [{ name: 'much', address: 'DB1.DBB0', type: 'real', count: 300 }]))
  expect(problems).toEqual([{ tag: 'much', message: 'it needs 1200 bytes, and a message can have 942' }])
})

test.each([
  ['DB1.DBD0.3', 'must look like'],
  ['DB1.DBX6', 'must look like'],
  ['T5', 'must look like'],
])('%s is no address', (address, words) => {
  expect(() => sourceAt(102, [{ name: 'tag', address }])).toThrow(words)
})

test.each([
  [{ address: 'DB1.DBW0', type: 'real' }, /nothing of the type real/],
  [{ address: 'I0.0', write: {} }, /inputs cannot be written/],
  [{ address: 'DB1.DBB0', type: 'string' }, /needs its length/],
])('%j is rejected in the configuration', (tag, words) => {
  expect(() => sourceAt(102, [{ name: 'tag', ...tag }])).toThrow(words)
})
