/** CAN against logs as can-utils writes them, told by a stand-in for candump; and against candump itself, where it cannot listen. Not run on a bus. */
import { CanSource } from '@skerry/contract/sources/source'
import { hasCanUtils, startCan } from '@skerry/testkit/peers/can-peer'
import { describe, expect, test } from 'vitest'
import { openStage } from '../stage/stage.ts'

const stageOf = (tags: object[], connection: object = {}) =>
  openStage(
    CanSource.parse({
      name: 'truck',
      protocol: 'can',
      connection: { interface: 'can0', silenceMaxMs: 600_000, ...connection },
      groups: [{ name: 'all', everyMs: 50, tags }],
    }),
  )

const SPEED = { name: 'speed', id: 0x1f0, start: 0, length: 16, scale: 0.01, unit: 'km/h' }

describe.skipIf(!hasCanUtils)('can', () => {
  test('signals are read of frames of both kinds, as their places say', async () => {
    await using peer = await startCan([
      '1F0             Rx   d 4 45 01 FE FF',
      '18FEF100x       Rx   d 2 0A BC',
      '7               Rx   d 5 01 00 00 60 40',
      '7               Rx   d 5 02 00 00 00 00',
      '8               Rx   d 1 FF',
    ])
    const float = { start: 8, length: 32, type: 'float' }
    await using stage = stageOf([
      SPEED,
      { name: 'signed', id: 0x1f0, start: 16, length: 16, type: 'signed' },
      { name: 'motorola', id: 0x18fef100, start: 3, length: 12, order: 'motorola' },
      { name: 'first', id: 7, ...float, multiplexor: { start: 0, length: 8, value: 1 } },
      { name: 'second', id: 7, ...float, multiplexor: { start: 0, length: 8, value: 2 } },
      { name: 'third', id: 7, ...float, multiplexor: { start: 0, length: 8, value: 3 } },
      { name: 'short', id: 8, start: 8, length: 8 },
      { name: 'other', id: 8, extended: true, start: 0, length: 8 },
    ])
    await stage.until(() => stage.newest('short')?.quality === 'bad' && stage.newest('second')?.quality === 'good')
    const said = {
      speed: { quality: 'good', value: 3.25 },
      signed: { quality: 'good', value: -2 },
      motorola: { quality: 'good', value: 0xabc },
      first: { quality: 'good', value: 3.5 },
      second: { quality: 'good', value: 0 },
      third: { quality: 'bad', cause: { code: 'value_awaited' } },
      other: { quality: 'bad', cause: { code: 'value_awaited' } },
    }
    for (const [tag, expected] of Object.entries(said)) expect(stage.newest(tag), tag).toMatchObject(expected)
    await stage.until(() => stage.newest('short')?.quality === 'bad')
    await stage.until(() => {
      const short = stage.newest('short')
      return short?.quality === 'bad' && short.cause.code === 'value_missing'
    })
    expect(await peer.startedWith()).toBe(
      '-L can0,1F0:C00007FF,18FEF100:DFFFFFFF,007:C00007FF,008:C00007FF,00000008:DFFFFFFF',
    )
    expect(await stage.host.write('speed', 1)).toMatchObject({ ok: false, code: 'tag_read_only' })
  })

  test('what no frame tells any more is bad, and who ends is started anew', async () => {
    await using peer = await startCan(['1F0             Rx   d 2 45 01'])
    await using stage = stageOf([SPEED], { silenceMaxMs: 100 })
    await stage.until(() => stage.newest('speed')?.quality === 'good')
    await peer.tell(['1F1             Rx   d 2 45 01'])
    await stage.until(() => stage.newest('speed')?.quality === 'bad')
    expect(stage.newest('speed')).toMatchObject({ cause: { code: 'value_stale' } })
    await peer.tell(['1F0             Rx   d 2 45 01'])
    await stage.until(() => stage.newest('speed')?.quality === 'good')
    await peer.fall()
    await stage.until(() => stage.states.some(({ kind }) => kind === 'down'))
    await peer.tell(['1F0             Rx   d 2 45 01'])
    const before = stage.told.length
    await stage.until(() => stage.told.slice(before).some(({ quality }) => quality === 'good'))
    expect(stage.host.figures().crashes).toBe(0)
  })

  test('candump itself, where there is no such interface, is a source that says so', async () => {
    await using stage = stageOf([SPEED], { interface: 'none-such' })
    await stage.until(() => stage.newest('speed') !== undefined)
    expect(stage.newest('speed')).toMatchObject({ quality: 'bad', cause: { code: 'source_unreachable' } })
  })
})
