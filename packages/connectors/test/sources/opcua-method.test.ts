/** OPC UA methods against open62541: the calls, their arguments and results, and methods that are never called. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OpcuaSource } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { hasOpcua, type OpcuaPeer, startOpcua } from '@skerry/testkit/peers/opcua-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage, type Stage } from '../stage/stage.ts'

/** Each external query of the server starts a process, which takes time on a busy machine. */
const PATIENCE_MS = 300_000

const method = (name: string, inputs: object[] = [], more: object = {}) => ({
  name,
  address: `ns=2;s=${name}`,
  write: {},
  method: { object: 'ns=2;i=9000', arguments: inputs },
  ...more,
})

const START = method('Start', [
  { name: 'speed', type: 'Double', min: 0, max: 5_000 },
  { name: 'recipe', type: 'String' },
  { name: 'gently', type: 'Boolean' },
])
const CALLS = { name: 'Calls', address: 'ns=2;s=Calls' }

describe.skipIf(!hasOpcua)('opcua methods', { timeout: PATIENCE_MS }, () => {
  let peer: OpcuaPeer
  let stateFolder: string
  beforeAll(async () => {
    peer = await startOpcua({ tags: 1 })
    stateFolder = await mkdtemp(join(tmpdir(), 'skerry-opcua-method-'))
  }, PATIENCE_MS)
  afterAll(async () => {
    await peer[Symbol.asyncDispose]()
    await rm(stateFolder, { recursive: true })
  })

  const sourceOf = (tags: object[], connection: object = {}) =>
    OpcuaSource.parse({
      name: 'line',
      protocol: 'opcua',
      connection: { endpoint: peer.endpoint, security: 'none', ...connection },
      groups: [{ name: 'all', everyMs: 20, tags }],
    })

  async function connected(tags: object[], connection: object = {}): Promise<Stage> {
    const stage = openStage(sourceOf([...tags, CALLS], connection), { stateFolder })
    await stage.until(() => stage.newest('Calls')?.quality === 'good')
    return stage
  }

  /** How often the server has run any of them. */
  async function callsNow(): Promise<number> {
    await using stage = await connected([])
    const value = stage.newest('Calls')
    return value?.quality === 'good' ? Number(value.value) : Number.NaN
  }

  describe.each(['subscribe', 'poll'])('by %s', (reading) => {
    const tier = reading === 'subscribe' ? {} : deep('a second way to read what a method gave')
    test('writing a method calls it, and its tag shows the result', tier, async () => {
      await using stage = await connected([method('Reset'), method('Square', [{ type: 'Double' }]), START], { reading })
      await stage.until(() => stage.newest('Reset') !== undefined)
      expect(stage.newest('Reset')).toMatchObject({ quality: 'bad', cause: { code: 'method_uncalled' } })
      const before = await callsNow()
      expect(await stage.host.write('Reset', true)).toEqual({ ok: true })
      expect(await stage.host.write('Square', 1.5)).toEqual({ ok: true })
      expect(await stage.host.write('Square', [-3])).toEqual({ ok: true })
      expect(await stage.host.write('Start', [1_500, 'red', true])).toEqual({ ok: true })
      const calls = before + 4
      await stage.until(() => stage.newest('Start')?.quality === 'good')
      expect(stage.newest('Reset')).toMatchObject({ quality: 'good', value: true })
      expect(stage.newest('Square')).toMatchObject({ quality: 'good', value: 9 })
      expect(stage.newest('Start')).toMatchObject({ quality: 'good', value: [calls, 'red at 1500, gently'] })
      expect(await callsNow()).toBe(calls)
    })
  })

  test('a call with wrong values, types or counts, or above the rate, reaches no server', async () => {
    const seldom = method('Reset', [], { write: { perMinute: 1 } })
    await using stage = await connected([START, seldom, method('Jam', [], { write: undefined })])
    const before = await callsNow()
    const wrong: [string, TagContent, string][] = [
      ['Start', [5_001, 'red', true], 'tag_range'],
      ['Start', [-1, 'red', true], 'tag_range'],
      ['Start', ['1', 'red', true], 'tag_type'],
      ['Start', [1, 'red'], 'tag_type'],
      ['Start', [1, 'red', true, 4], 'tag_type'],
      ['Start', 1, 'tag_type'],
      ['Reset', false, 'tag_type'],
      ['Reset', [1], 'tag_type'],
      ['Jam', true, 'tag_read_only'],
    ]
    for (const [name, value, code] of wrong) {
      expect(await stage.host.write(name, value), JSON.stringify(value)).toMatchObject({ ok: false, code })
    }
    expect(await stage.host.write('Reset', true)).toEqual({ ok: true })
    expect(await stage.host.write('Reset', true)).toMatchObject({ ok: false, code: 'tag_rate' })
    expect(await callsNow()).toBe(before + 1)
  })

  test(
    "a method whose arguments differ from the server's is not called",
    deep('five more refusals; bounds and types are quick'),
    async () => {
      await using stage = await connected([
        method('Square', [{ type: 'Float' }]),
        method('Start', [{ type: 'Double' }]),
        method('Nowhere'),
        method('Double'),
        method('Reset', [], { method: { object: 'ns=2;s=Nowhere' } }),
      ])
      const before = await callsNow()
      const orders: [string, TagContent, string][] = [
        ['Square', 2, 'the method of the server takes (side: Double), but the source has (Float)'],
        ['Start', 2, 'takes (speed: Double, recipe: String, gently: Boolean), but the source has (Double)'],
        ['Nowhere', true, 'BadNodeIdUnknown'],
        ['Double', true, 'Bad'],
        ['Reset', true, 'Bad'],
      ]
      for (const [name, value, message] of orders) {
        expect(await stage.host.write(name, value), name).toMatchObject({
          ok: false,
          code: 'write_refused',
          message: expect.stringContaining(message),
        })
      }
      expect(await callsNow()).toBe(before)
    },
  )

  test(
    'a call that the server rejects is told apart from a method that began and failed',
    deep('the words of five refusals; bounds and types are quick'),
    async () => {
      await using stage = await connected([START, method('Jam'), method('Locked')])
      const before = await callsNow()
      const orders: [string, TagContent, string, string][] = [
        ['Start', [4_000, 'red', false], 'write_refused', 'BadOutOfRange'],
        ['Start', [1, 'master', false], 'write_refused', 'BadUserAccessDenied'],
        ['Start', [1, 'more', false], 'tag_type', 'BadArgumentsMissing'],
        ['Locked', true, 'write_refused', 'BadNotExecutable'],
      ]
      for (const [name, value, code, status] of orders) {
        expect(await stage.host.write(name, value), status).toMatchObject({
          ok: false,
          code,
          message: expect.stringContaining(status),
        })
      }
      expect(await callsNow()).toBe(before)
      expect(await stage.host.write('Jam', true)).toMatchObject({
        ok: false,
        code: 'write_unverified',
        message: expect.stringContaining('BadDeviceFailure'),
      })
      expect(await callsNow()).toBe(before + 1)
      expect(stage.newest('Jam')).toMatchObject({ quality: 'bad', cause: { code: 'method_uncalled' } })
    },
  )

  test('an unanswered call is reported as unverified', async () => {
    await using stage = await connected([method('Reset')], { timeoutMs: 500 })
    peer.freeze()
    try {
      expect(await stage.host.write('Reset', true)).toMatchObject({ ok: false, code: 'write_unverified' })
    } finally {
      peer.thaw()
    }
    await stage.until(() => stage.newest('Calls')?.quality === 'good')
  })

  test(
    'browsing shows how each method is written as a tag',
    deep('opcua.test.ts looks around in the quick tier'),
    async () => {
      await using stage = await connected([])
      const inside = await stage.host.browse('ns=2;i=9000')
      const entries = inside.ok ? inside.entries : []
      expect(entries.find(({ label }) => label === 'Start')).toEqual({
        path: 'ns=2;s=Start',
        label: 'Start',
        isFolder: false,
        tag: {
          address: 'ns=2;s=Start',
          method: {
            object: 'ns=2;i=9000',
            arguments: [
              { name: 'speed', type: 'Double' },
              { name: 'recipe', type: 'String' },
              { name: 'gently', type: 'Boolean' },
            ],
          },
        },
      })
      expect(entries.find(({ label }) => label === 'Reset')?.tag).toEqual({
        address: 'ns=2;s=Reset',
        method: { object: 'ns=2;i=9000', arguments: [] },
      })
    },
  )

  test.each([
    [{ write: { verify: true } }, /nothing to verify/],
    [{ write: { max: 5 } }, /each argument has min and max/],
    [{ deadband: { absolute: 1 } }, /no value that is read/],
    [{ scale: 2 }, /not scaled/],
    [{ method: { object: 'Line1' } }, /must look like ns=2/],
    [{ method: { object: 'i=85', arguments: [{ type: 'String', max: 5 }] } }, /only a number/],
    [{ method: { object: 'i=85', arguments: [{ type: 'Byte', min: 5, max: 4 }] } }, /min must not be above max/],
    [{ method: { object: 'i=85', arguments: [{ type: 'Structure' }] } }, /Invalid option/],
  ])('%j is rejected in the configuration', (more, message) => {
    expect(() => sourceOf([method('Reset', [], more)])).toThrow(message)
  })

  test('a write is verified by default, and a call of a method never', () => {
    const [group] = sourceOf([method('Reset'), { ...CALLS, write: {} }]).groups
    expect(group?.tags.map(({ write }) => write?.verify)).toEqual([false, true])
  })
})
