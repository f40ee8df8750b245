/** IEC 60870-5-104 against lib60870: every kind of object, events in bursts, commands, and a station that dies, freezes and comes back. */
import { Iec104Source } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { NetworkPeer } from '@skerry/testkit/peers/compiled-peer'
import { hasIec104, startIec104 } from '@skerry/testkit/peers/iec104-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage } from '../stage/stage.ts'

describe.skipIf(!hasIec104)('iec104', () => {
  let peer: NetworkPeer
  beforeAll(async () => {
    peer = await startIec104()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  const sourceOf = (tags: object[], connection: object = {}) =>
    Iec104Source.parse({
      name: 'station',
      protocol: 'iec104',
      connection: { host: '127.0.0.1', port: peer.port, timeoutMs: 5_000, ...connection },
      groups: [{ name: 'all', everyMs: 1_000, tags }],
    })

  test('an interrogation brings every kind of object, with what the station doubts of it', async () => {
    const expected: [number, object][] = [
      [100, { quality: 'good', value: 0 }],
      [119, { quality: 'good', value: 28.5 }],
      [301, { quality: 'good', value: true }],
      [303, { quality: 'bad', cause: { code: 'quality_invalid' } }],
      [304, { quality: 'uncertain', value: false, cause: { code: 'quality_old' } }],
      [305, { quality: 'uncertain', value: true, cause: { code: 'quality_substituted' } }],
      [306, { quality: 'uncertain', value: false, cause: { code: 'quality_blocked' } }],
      [310, { quality: 'bad', cause: { code: 'position_unclear' } }],
      [311, { quality: 'good', value: false }],
      [312, { quality: 'good', value: true }],
      [315, { quality: 'good', value: -3 }],
      [320, { quality: 'good', value: expect.closeTo(0.5, 3) }],
      [321, { quality: 'good', value: -7 }],
      [322, { quality: 'uncertain', value: 5, cause: { code: 'quality_overflow' } }],
      [330, { quality: 'good', value: 4_711 }],
      [999, { quality: 'bad', cause: { code: 'value_awaited' } }],
    ]
    const tags = expected.map(([address]) => ({ name: `o${address}`, address: String(address) }))
    await using stage = openStage(sourceOf(tags))
    await stage.until(() => stage.newest('o999') !== undefined)
    for (const [address, value] of expected) expect(stage.newest(`o${address}`), String(address)).toMatchObject(value)
    const browsed = await stage.host.browse('')
    expect(browsed).toMatchObject({ ok: true })
    expect(browsed.ok && browsed.entries).toContainEqual(
      expect.objectContaining({ path: '1/330', isFolder: false, tag: { address: '1/330' } }),
    )
  })

  test('each event of a burst is told, in its order and with its own time', async () => {
    await using stage = openStage(
      sourceOf([
        { name: 'burst', address: '500' },
        { name: 'go', address: '410', command: { kind: 'single', address: '430' }, write: { verify: false } },
      ]),
    )
    await stage.until(() => stage.newest('go')?.quality === 'good')
    const before = stage.count('burst')
    expect(await stage.host.write('go', true)).toEqual({ ok: true })
    await stage.until(() => stage.count('burst') >= before + 300)
    const told = stage.told.filter(({ tag }) => tag === 'burst').slice(before)
    expect(told.map((one) => one.quality === 'good' && one.value)).toEqual(Array.from({ length: 300 }, (_, n) => n))
    const times = told.map(({ sourceTimeMs }) => sourceTimeMs ?? 0)
    expect(times).toEqual(times.map((_, index) => (times[0] ?? 0) + index))
    expect(Math.abs(Date.now() - (times[0] ?? 0))).toBeLessThan(60_000)
    expect(stage.host.figures().lost).toBe(0)
  })

  test(
    'each kind of command is confirmed and seen in what the station tells',
    deep('each kind; the conformance of connectors writes a float'),
    async () => {
      const tags = [
        { name: 'lamp', address: '410', command: { kind: 'single' }, write: {} },
        { name: 'breaker', address: '411', command: { kind: 'double', select: true }, write: {} },
        { name: 'unselected', address: '411', command: { kind: 'double' }, write: {} },
        { name: 'share', address: '412', scale: 100, command: { kind: 'normalised' }, write: { min: -100, max: 99 } },
        { name: 'steps', address: '413', scale: 0.1, command: { kind: 'scaled' }, write: {} },
        { name: 'level', address: '402', command: { kind: 'float' }, write: {} },
        { name: 'refused', address: '410', command: { kind: 'single', address: '420' }, write: {} },
        { name: 'unknown', address: '410', command: { kind: 'single', address: '700' }, write: {} },
        { name: 'unseen', address: '100', command: { kind: 'float', address: '402' }, write: {} },
        { name: 'unanswered', address: '410', command: { kind: 'single', address: '421' }, write: {} },
      ]
      await using stage = openStage(sourceOf(tags, { timeoutMs: 1_500 }))
      await stage.until(() => stage.newest('lamp')?.quality === 'good')
      const orders: [string, TagContent, object][] = [
        ['lamp', true, { ok: true }],
        ['unselected', true, { ok: false, code: 'write_refused' }],
        ['breaker', true, { ok: true }],
        ['breaker', false, { ok: true }],
        ['share', -62.5, { ok: true }],
        ['steps', -21.5, { ok: true }],
        ['level', 47.11, { ok: true }],
        ['refused', true, { ok: false, code: 'write_refused' }],
        ['unknown', true, { ok: false, code: 'write_refused', message: expect.stringContaining('object address') }],
        ['unseen', 12, { ok: false, code: 'write_unverified' }],
        ['unanswered', true, { ok: false, code: 'write_unverified' }],
        ['lamp', 1, { ok: false, code: 'tag_type' }],
        ['steps', 1e6, { ok: false, code: 'tag_type' }],
      ]
      for (const [tag, value, outcome] of orders) expect(await stage.host.write(tag, value), tag).toMatchObject(outcome)
    },
  )

  test('a station that is gone, and one that is frozen, is told, and back soon after it is there again', async () => {
    const times = { t1Seconds: 2, t2Seconds: 1, t3Seconds: 1 }
    await using stage = openStage(sourceOf([{ name: 'steady', address: '400' }], times))
    await stage.until(() => stage.newest('steady')?.quality === 'good')
    await peer.kill()
    await stage.until(() => stage.newest('steady')?.quality === 'bad')
    expect(stage.newest('steady')).toMatchObject({
      cause: { code: expect.stringMatching(/^source_(lost|unreachable)$/) },
    })
    await peer.start()
    await stage.until(() => stage.newest('steady')?.quality === 'good')
    peer.freeze()
    await stage.until(() => stage.newest('steady')?.quality === 'bad')
    expect(stage.newest('steady')).toMatchObject({ cause: { code: 'source_silent' } })
    peer.thaw()
    await stage.until(() => stage.newest('steady')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })

  test('k and w that are small hold nobody up', deep('a limit of the protocol beside its usual one'), async () => {
    await using stage = openStage(sourceOf([{ name: 'steady', address: '400' }], { k: 1, w: 1 }))
    await stage.until(() => stage.count('steady') > 30)
    expect(stage.states.map(({ kind }) => kind)).toEqual(['connecting', 'up'])
  })
})
