/** Modbus RTU against pymodbus on a line of two units, one of which may be silent, with a plug that somebody pulls. */
import { ModbusSource } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { hasMbpoll, poll } from '@skerry/testkit/peers/mbpoll'
import { hasModbusRtu, type ModbusRtuPeer, startModbusRtu } from '@skerry/testkit/peers/modbus-rtu-peer'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage } from '../stage/stage.ts'

describe.skipIf(!hasModbusRtu)('modbus over a serial line', () => {
  let peer: ModbusRtuPeer
  beforeAll(async () => {
    peer = await startModbusRtu()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  const sourceOf = (tags: object[]) =>
    ModbusSource.parse({
      name: 'line',
      protocol: 'modbus',
      connection: { serial: { path: peer.path, baudRate: 19_200 }, timeoutMs: 2_000 },
      groups: [{ name: 'all', everyMs: 20, tags }],
    })

  test('several units of a line are read through one port, one after the other', async () => {
    await using stage = openStage(
      sourceOf([
        { name: 'first', address: 'holding:5' },
        { name: 'second', unitId: 2, address: 'holding:5' },
        { name: 'level', unitId: 2, address: 'holding:100', type: 'float32' },
        { name: 'lamp', unitId: 2, address: 'coil:7', write: {} },
      ]),
    )
    await stage.until(() => stage.newest('level')?.quality === 'good' && stage.newest('lamp')?.quality === 'good')
    expect([stage.newest('first'), stage.newest('second')]).toMatchObject([{ value: 5 }, { value: 1_005 }])
    expect(stage.newest('level')).toMatchObject({ value: 3.25 })
    expect(await stage.host.write('lamp', true)).toEqual({ ok: true })
    await stage.until(() => {
      const lamp = stage.newest('lamp')
      return lamp?.quality === 'good' && lamp.value === true
    })
  })

  test.skipIf(!hasMbpoll)(
    'what was written over a line is seen by mbpoll on the same line afterwards',
    deep('a second reader; the conformance of connectors shows a write'),
    async () => {
      const orders: [string, object, TagContent][] = [
        ['speed', { address: 'holding:60', type: 'int16' }, -215],
        ['total', { address: 'holding:62', type: 'int32' }, -70_000],
        ['swapped', { address: 'holding:64', type: 'int32', order: 'CDAB' }, 70_000],
        ['level', { address: 'holding:66', type: 'float32' }, 3.25],
        ['curve', { address: 'holding:70', type: 'float32', order: 'CDAB', count: 2 }, [-0.5, 1e6]],
        ['lamps', { address: 'coil:20', count: 3 }, [true, false, true]],
      ]
      const tags = orders.map(([name, tag]) => ({ ...tag, name, write: {} }))
      {
        // A port has one holder: mbpoll comes after.
        await using stage = openStage(sourceOf(tags))
        await stage.until(() => orders.every(([name]) => stage.newest(name)?.quality === 'good'))
        for (const [name, , value] of orders) expect(await stage.host.write(name, value), name).toEqual({ ok: true })
      }
      const seen = [
        await poll(peer, { kind: 'int16', at: 60 }),
        await poll(peer, { kind: 'int32 ABCD', at: 62 }),
        await poll(peer, { kind: 'int32 CDAB', at: 64 }),
        await poll(peer, { kind: 'float32 ABCD', at: 66 }),
        await poll(peer, { kind: 'float32 CDAB', at: 70, count: 2 }),
        await poll(peer, { kind: 'coil', at: 19, count: 5 }),
      ]
      expect(seen).toEqual([[-215], [-70_000], [70_000], [3.25], [-0.5, 1e6], [0, 1, 0, 1, 0]])
    },
  )

  test(
    'a unit that is silent spoils no other, and what a unit refuses is said',
    deep('a second fault; the silent line shows the return'),
    async () => {
      await using stage = openStage(
        sourceOf([
          { name: 'there', address: 'holding:5' },
          { name: 'silent', unitId: 9, address: 'holding:5' },
          { name: 'beyond', address: 'holding:5000' },
        ]),
      )
      await stage.until(() => stage.count('there') > 10)
      expect(stage.newest('there')).toMatchObject({ quality: 'good', value: 5 })
      expect(stage.newest('silent')).toMatchObject({ quality: 'bad', cause: { code: 'unit_silent' } })
      expect(stage.newest('beyond')).toMatchObject({ quality: 'bad', cause: { code: 'address_unknown' } })
      expect(stage.states.map(({ kind }) => kind)).toEqual(['connecting', 'up'])
    },
  )

  test('a line on which nobody answers is down, and back when somebody does; no late answer is taken for another', async () => {
    await using stage = openStage(
      sourceOf([
        { name: 'one', address: 'holding:1' },
        { name: 'far', address: 'holding:400' },
      ]),
    )
    await stage.until(() => stage.newest('far')?.quality === 'good')
    peer.freeze()
    await stage.until(() => stage.newest('one')?.quality === 'bad')
    expect(stage.newest('one')).toMatchObject({ cause: { code: 'source_silent' } })
    peer.thaw()
    await stage.until(() => stage.newest('one')?.quality === 'good' && stage.newest('far')?.quality === 'good')
    expect([stage.newest('one'), stage.newest('far')]).toMatchObject([{ value: 1 }, { value: 400 }])
  })

  test(
    'a write that nobody answers is no refusal, and its late answer is taken for no other',
    deep('a variant of the same over TCP'),
    async () => {
      const write = { perMinute: 6_000 }
      const { groups, ...rest } = sourceOf([
        { name: 'setpoint', address: 'holding:60', write },
        { name: 'other', address: 'holding:61', write },
        { name: 'elsewhere', unitId: 2, address: 'holding:5' },
      ])
      // No round comes between.
      await using stage = openStage({ ...rest, groups: groups.map((group) => ({ ...group, everyMs: 3_600_000 })) })
      await stage.until(() => stage.newest('elsewhere')?.quality === 'good')
      peer.freeze()
      expect(await stage.host.write('setpoint', 5)).toMatchObject({ ok: false, code: 'write_unverified' })
      peer.thaw()
      // It is left alone for a while. What is said to be written has been read again.
      const written = async (tag: string, value: number) => (await stage.host.write(tag, value)).ok
      for (const [tag, value] of [['other', 6] as const, ['setpoint', 7] as const])
        await until(() => written(tag, value), { what: `${tag} to be written`, everyMs: 50 })
      expect(stage.states.at(-1)).toEqual({ kind: 'up' })
    },
  )

  test('a plug that is pulled is told, and the line is back when it is put in again', async () => {
    await using stage = openStage(sourceOf([{ name: 'one', address: 'holding:1' }]))
    await stage.until(() => stage.newest('one')?.quality === 'good')
    await peer.pull()
    await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length > 1)
    expect(stage.newest('one')).toMatchObject({ quality: 'bad' })
    expect(stage.states.at(-1)).toMatchObject({ cause: { code: 'source_unreachable' } })
    await peer.plug()
    await stage.until(() => stage.newest('one')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })

  test('a second holder of a port is refused', async () => {
    await using stage = openStage(sourceOf([{ name: 'one', address: 'holding:1' }]))
    await stage.until(() => stage.newest('one')?.quality === 'good')
    await using second = openStage(sourceOf([{ name: 'one', address: 'holding:1' }]))
    await second.until(() => second.newest('one') !== undefined)
    expect(second.newest('one')).toMatchObject({
      cause: { code: 'source_unreachable', message: expect.stringContaining('cannot open') },
    })
  })
})
