/** Serial text against an instrument of pyserial: asking, listening, both on one line, and an instrument that falls silent. */
import { SerialSource } from '@skerry/contract/sources/source'
import { hasSerial, type SerialPeer, startSerial } from '@skerry/testkit/peers/serial-peer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planSource } from '../../src/sources/connectors.ts'
import { openStage } from '../stage/stage.ts'

const ASKED = {
  name: 'asked',
  everyMs: 30,
  request: 'V',
  pattern: '^V (?<level>[0-9.]+) (?<target>[0-9.]+)$',
  tags: [
    { name: 'level', address: 'level' },
    {
      name: 'target',
      address: 'target',
      write: {},
      command: { send: 'T {value}', reply: '^OK$' },
    },
  ],
}
const TOLD = {
  name: 'told',
  everyMs: 30,
  pattern: '^W (?<weight>[-+ 0-9.]+) (?<unit>kg|g)$',
  quietMaxMs: 500,
  tags: [
    { name: 'weight', address: 'weight' },
    { name: 'unit', address: 'unit', type: 'string' },
    { name: 'talk', address: 'unit', type: 'string', command: { send: 'L{value}' }, write: { verify: false } },
  ],
}

describe.skipIf(!hasSerial)('serial', () => {
  let peer: SerialPeer
  beforeAll(async () => {
    peer = await startSerial()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  const sourceOf = (...groups: object[]) =>
    SerialSource.parse({
      name: 'scale',
      protocol: 'serial',
      groups,
      connection: { path: peer.path, timeoutMs: 2_000 },
    })

  test('asks and listens over one line, writes, and sees what became of it', async () => {
    await using stage = openStage(sourceOf(ASKED, TOLD))
    await stage.until(() => stage.newest('level')?.quality === 'good')
    expect(await stage.host.write('talk', 1)).toEqual({ ok: true })
    await stage.until(() => stage.count('weight') > 10)
    const weights = stage.told.flatMap((one) => (one.tag === 'weight' && one.quality === 'good' ? [one.value] : []))
    expect(weights).toEqual(weights.map((_, index) => Number(weights[0]) + index))
    expect(stage.newest('unit')).toMatchObject({ value: 'kg' })
    expect(await stage.host.write('target', 47.5)).toEqual({ ok: true })
    expect(await stage.host.write('target', 101)).toMatchObject({ ok: false, code: 'write_unverified' })
    expect(await stage.host.write('target', '1\r\nL0')).toMatchObject({ ok: false, code: 'tag_type' })
    expect(await stage.host.write('talk', 0)).toEqual({ ok: true })
    await stage.until(() => stage.newest('weight')?.quality === 'bad')
    expect(stage.newest('weight')).toMatchObject({ cause: { code: 'line_quiet' } })
    expect(stage.newest('level')).toMatchObject({ quality: 'good', value: 3.25 })
  })

  test('an instrument that does not answer is bad, and good when it does', async () => {
    await using stage = openStage(
      sourceOf(ASKED, { ...ASKED, name: 'unknown', request: 'X', tags: [{ name: 'x', address: 'level' }] }),
    )
    await stage.until(() => stage.newest('x') !== undefined && stage.newest('level')?.quality === 'good')
    expect(stage.newest('x')).toMatchObject({ quality: 'bad', cause: { code: 'answer_missing' } })
    await peer.kill()
    await stage.until(() => stage.newest('level')?.quality === 'bad')
    await peer.start()
    await stage.until(() => stage.newest('level')?.quality === 'good')
  })

  test('a tag that the pattern has not is found before anything is opened', async () => {
    const source = sourceOf({ ...ASKED, tags: [{ name: 'other', address: 'other' }] })
    expect((await planSource(source)).problems).toEqual([
      { tag: 'other', message: expect.stringContaining('(?<other>') },
    ])
    expect(SerialSource.safeParse({ ...source, groups: [{ ...ASKED, pattern: '(' }] }).success).toBe(false)
  })
})
