/**
 * Writing over Modbus: each kind, and whole arrays, against libmodbus' server. Clients by other people read the result:
 * pymodbus and mbpoll.
 */
import { ModbusSource } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { hasMbpoll, type Polled, poll } from '@skerry/testkit/peers/mbpoll'
import { hasModbus, type ModbusPeer, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { hasModbusReader, readElsewhere } from '@skerry/testkit/peers/modbus-reader'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStage } from '../stage/stage.ts'

describe.skipIf(!hasModbus)('writing over modbus', () => {
  let peer: ModbusPeer
  beforeAll(async () => {
    peer = await startModbus()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  const sourceOf = (tags: object[], connection: object = {}) =>
    ModbusSource.parse({
      name: 'plc',
      protocol: 'modbus',
      connection: { host: '127.0.0.1', port: peer.port, timeoutMs: 5_000, ...connection },
      groups: [{ name: 'all', everyMs: 20, tags }],
    })

  test('a string is written and read back', async () => {
    const tag = { name: 'label', address: 'holding:400', type: 'string', length: 9, write: {} }
    await using stage = openStage(sourceOf([tag]))
    await stage.until(() => stage.count('label') > 0)
    expect(await stage.host.write('label', 'PRESS 7')).toEqual({ ok: true })
    const after = stage.count('label')
    await stage.until(() => stage.count('label') > after + 1)
    expect(stage.newest('label')).toMatchObject({ quality: 'good', value: 'PRESS 7' })
  })

  test.skipIf(!hasModbusReader || !hasMbpoll)(
    'each writable kind is written, read back, and seen by other clients: pymodbus and mbpoll',
    async () => {
      const tags = [
        { name: 'setpoint', address: 'holding:500', type: 'int16', scale: 0.1, write: { min: -50, max: 50 } },
        { name: 'flow', address: 'holding:502', type: 'float32', order: 'CDAB', write: {} },
        { name: 'total', address: 'holding:504', type: 'uint64', write: {} },
        { name: 'lamp', address: 'coil:12', write: {} },
        { name: 'ready', address: 'holding:510', type: 'bool', bit: 5, write: {} },
        { name: 'mode', address: 'holding:511', mask: 0xff00, shift: 8, write: { max: 255 } },
        { name: 'word', address: 'holding:510' },
        { name: 'low', address: 'holding:511', mask: 0x00ff },
      ]
      await using stage = openStage(sourceOf(tags))
      await stage.until(() => stage.count('low') > 0)
      const orders: [string, TagContent][] = [
        ...([
          ['setpoint', -21.5],
          ['flow', 2.5],
          ['total', 2 ** 40],
          ['lamp', true],
          ['ready', false],
          ['mode', 9],
        ] as const),
      ].map(([tag, value]) => [tag, value])
      for (const [tag, value] of orders) expect(await stage.host.write(tag, value), tag).toEqual({ ok: true })
      const after = stage.count('low')
      await stage.until(() => stage.count('low') > after + 1)
      for (const [tag, value] of orders) expect(stage.newest(tag), tag).toMatchObject({ quality: 'good', value })
      expect(await readElsewhere(peer.port)).toEqual({
        setpoint: -215,
        flow: 2.5,
        total: 2 ** 40,
        lamp: true,
        word: 510 - 32,
        mode: 0x09ff,
      })
      const seen: [Polled, number[]][] = [
        [{ kind: 'int16', at: 500 }, [-215]],
        [{ kind: 'float32 CDAB', at: 502 }, [2.5]],
        [{ kind: 'uint16', at: 510, count: 2 }, [510 - 32, 0x09ff]],
        [{ kind: 'coil', at: 11, count: 3 }, [0, 1, 0]],
      ]
      for (const [polled, values] of seen) expect(await poll(peer, polled), polled.kind).toEqual(values)
      // 510 is 0b1_1111_1110: only bit 5 has gone. 511 was 0x01ff: the low byte stays.
      expect(stage.newest('word')).toMatchObject({ value: 510 - 32 })
      expect(stage.newest('low')).toMatchObject({ value: 0xff })
      expect(await stage.host.write('lamp', 1)).toMatchObject({ ok: false, code: 'tag_type' })
      expect(await stage.host.write('mode', 2.5)).toMatchObject({ ok: true })
      expect(await stage.host.write('total', -1)).toMatchObject({ ok: false, code: 'tag_type' })
    },
  )

  test.skipIf(!hasMbpoll)(
    'an array is written whole by one request, read back, and seen by mbpoll; its neighbours stay',
    async () => {
      const cases: { tag: object; value: TagContent; seen: [Polled, number[]][] }[] = [
        {
          tag: { address: 'holding:601', type: 'int16', count: 4, scale: 0.1, write: { min: -50, max: 50 } },
          value: [-21.5, 0, 0.1, 50],
          seen: [[{ kind: 'int16', at: 600, count: 6 }, [600, -215, 0, 1, 500, 605]]],
        },
        {
          tag: { address: 'holding:610', type: 'int32', count: 2, write: {} },
          value: [-70_000, 70_000],
          seen: [[{ kind: 'int32 ABCD', at: 610, count: 2 }, [-70_000, 70_000]]],
        },
        {
          tag: { address: 'holding:620', type: 'int32', order: 'CDAB', count: 2, write: {} },
          value: [-70_000, 70_000],
          seen: [[{ kind: 'int32 CDAB', at: 620, count: 2 }, [-70_000, 70_000]]],
        },
        {
          tag: { address: 'holding:630', type: 'float32', order: 'CDAB', count: 3, write: {} },
          value: [3.25, -0.5, 1e6],
          seen: [[{ kind: 'float32 CDAB', at: 630, count: 3 }, [3.25, -0.5, 1e6]]],
        },
        {
          // The most values that one request carries.
          tag: { address: 'holding:700', type: 'float32', count: 61, write: {} },
          value: Array.from({ length: 61 }, (_, index) => index / 4),
          seen: [
            [{ kind: 'float32 ABCD', at: 700, count: 61 }, Array.from({ length: 61 }, (_, index) => index / 4)],
            [{ kind: 'uint16', at: 822 }, [822]],
          ],
        },
        {
          tag: { address: 'coil:20', count: 11, write: {} },
          value: Array.from({ length: 11 }, (_, index) => index % 3 === 0),
          seen: [[{ kind: 'coil', at: 19, count: 13 }, [0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]]],
        },
        {
          tag: { address: 'coil:32', count: 1_968, write: {} },
          value: Array.from({ length: 1_968 }, (_, index) => index >= 1_966),
          seen: [[{ kind: 'coil', at: 1_997, count: 3 }, [0, 1, 1]]],
        },
      ]
      const names = cases.map((_, index) => `t${index}`)
      await using stage = openStage(sourceOf(cases.map(({ tag }, index) => ({ ...tag, name: `t${index}` }))))
      await stage.until(() => names.every((name) => stage.newest(name)?.quality === 'good'))
      for (const [index, { value, seen }] of cases.entries()) {
        expect(await stage.host.write(`t${index}`, value), `t${index}`).toEqual({ ok: true })
        for (const [polled, values] of seen) expect(await poll(peer, polled), `t${index}`).toEqual(values)
      }
      const after = stage.count('t0')
      await stage.until(() => stage.count('t0') > after + 1)
      for (const [index, { value }] of cases.entries())
        expect(stage.newest(`t${index}`)).toMatchObject({ quality: 'good', value })
      const refused: [string, TagContent, string][] = [
        ['t0', [1, 2, 3], 'tag_type'],
        ['t0', [1, 2, 3, 51], 'tag_range'],
        ['t1', [1, 2 ** 31], 'tag_type'],
        ['t5', Array.from({ length: 11 }, () => 1), 'tag_type'],
      ]
      for (const [tag, value, code] of refused)
        expect(await stage.host.write(tag, value)).toMatchObject({ ok: false, code })
      expect(await poll(peer, { kind: 'int16', at: 601, count: 4 })).toEqual([-215, 0, 1, 500])
      expect(await poll(peer, { kind: 'int32 ABCD', at: 610, count: 2 })).toEqual([-70_000, 70_000])
    },
  )

  test('an array that does not fit one request is rejected before any connection or write', async () => {
    const tagOf = (more: object) => ({ name: 'list', address: 'holding:700', write: {}, ...more })
    expect(() => sourceOf([tagOf({ type: 'float32', count: 62 })])).toThrow(/at most 61 of the type float32/)
    expect(() => sourceOf([tagOf({ count: 124 })])).toThrow(/at most 123/)
    expect(() => sourceOf([tagOf({ address: 'coil:0', count: 1_969 })])).toThrow(/at most 1968/)
    // Equipment that accepts less than the protocol allows.
    const source = sourceOf([tagOf({ count: 20 }), { name: 'there', address: 'holding:1' }], {
      plan: { registersMax: 10 },
    })
    await using stage = openStage(source)
    await stage.until(() => stage.newest('there')?.quality === 'good')
    expect(
      await stage.host.write(
        'list',
        Array.from({ length: 20 }, () => 1),
      ),
    ).toMatchObject({
      ok: false,
      code: 'write_refused',
      message: expect.stringContaining('one request can read 10'),
    })
  })
})
