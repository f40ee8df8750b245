/** What every connector does, held against each of them: its own folder, an equipment of its own, the same promises. */
import { Source } from '@skerry/contract/source'
import type { NetworkPeer } from '@skerry/testkit/compiled-peer'
import { hasIec104, startIec104 } from '@skerry/testkit/iec104-peer'
import { hasModbus, type ModbusPeer, startModbus } from '@skerry/testkit/modbus-peer'
import { hasModbusRtu, type ModbusRtuPeer, startModbusRtu } from '@skerry/testkit/modbus-rtu-peer'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planSource } from '../src/connectors.ts'
import { openStage } from './stage.ts'

let modbus: ModbusPeer | undefined
let modbusRtu: ModbusRtuPeer | undefined
let iec104: NetworkPeer | undefined
beforeAll(async () => {
  modbus = hasModbus ? await startModbus() : undefined
  iec104 = hasIec104 ? await startIec104() : undefined
  modbusRtu = hasModbusRtu ? await startModbusRtu() : undefined
})
afterAll(() => Promise.all([modbus, modbusRtu, iec104].map((peer) => peer?.[Symbol.asyncDispose]())))

type Tags = { steady: object; writable: object; sensor: object }
type Equipment = { name?: string; protocol: string; isThere: boolean; connection: () => object; tags: Tags }

const EQUIPMENT: Equipment[] = [
  {
    ...{ protocol: 'modbus', isThere: hasModbus },
    connection: () => ({ host: '127.0.0.1', port: modbus?.port }),
    tags: {
      steady: { address: 'holding:100', type: 'float32' },
      writable: { address: 'holding:300', scale: 0.1, write: { min: 0, max: 90, perMinute: 3 } },
      sensor: { address: 'input:7', expect: { max: 100 } },
    },
  },
  {
    ...{ name: 'modbus over a serial line', protocol: 'modbus', isThere: hasModbusRtu },
    connection: () => ({ serial: { path: modbusRtu?.path } }),
    tags: {
      steady: { address: 'holding:100', type: 'float32' },
      writable: { address: 'holding:300', scale: 0.1, write: { min: 0, max: 90, perMinute: 3 } },
      sensor: { address: 'input:7', expect: { max: 100 } },
    },
  },
  {
    ...{ protocol: 'iec104', isThere: hasIec104 },
    connection: () => ({ host: '127.0.0.1', port: iec104?.port }),
    tags: {
      steady: { address: '400' },
      writable: { address: '402', command: { kind: 'float' }, write: { min: 0, max: 90, perMinute: 3 } },
      sensor: { address: '403', expect: { max: 100 } },
    },
  },
  {
    ...{ protocol: 'simulator', isThere: true },
    connection: () => ({ seed: 5 }),
    tags: {
      steady: { signal: { kind: 'constant', value: 3.25 } },
      writable: { signal: { kind: 'constant', value: 30 }, write: { min: 0, max: 90, perMinute: 3 } },
      sensor: { signal: { kind: 'constant', value: 59_993 }, expect: { max: 100 } },
    },
  },
]

describe.each(EQUIPMENT.map((one) => ({ name: one.protocol, ...one })))(
  '$name',
  ({ protocol, isThere, connection, tags }) => {
    const sourceOf = (everyMs = 20): Source =>
      Source.parse({
        ...{ name: 'press-7', protocol, connection: connection() },
        groups: [
          { name: 'fast', everyMs, tags: [named('steady', tags), named('writable', tags)] },
          { name: 'slow', everyMs: 2 * everyMs, tags: [named('sensor', tags)] },
        ],
      })

    test.skipIf(!isThere)(
      'gives each tag a value, a quality and the time of receipt, each group at its rate',
      async () => {
        const before = Date.now()
        await using stage = openStage(sourceOf())
        await stage.until(() => stage.count('steady') > 20 && stage.count('sensor') > 5)
        expect(stage.newest('steady')).toEqual({
          ...{ tag: 'steady', quality: 'good', value: 3.25, receivedTimeMs: expect.any(Number) },
        })
        expect(stage.newest('steady')?.receivedTimeMs).toBeGreaterThanOrEqual(before)
        expect(stage.count('steady')).toBeGreaterThan(stage.count('sensor'))
        expect(stage.host.state()).toEqual({ kind: 'up' })
      },
    )

    test.skipIf(!isThere)('a value that no sound sensor gives is bad, and is no value', async () => {
      await using stage = openStage(sourceOf())
      await stage.until(() => stage.count('sensor') > 0)
      expect(stage.newest('sensor')).toMatchObject({ quality: 'bad', cause: { code: 'value_unexpected' } })
      expect(stage.newest('sensor')).not.toHaveProperty('value')
    })

    test.skipIf(!isThere)(
      'writes what may be written and reads it back, and refuses all else before the equipment hears of it',
      async () => {
        await using stage = openStage(sourceOf())
        await stage.until(() => stage.count('writable') > 0)
        expect(await stage.host.write('writable', 21.5)).toEqual({ ok: true })
        const after = stage.count('writable')
        await stage.until(() => stage.count('writable') > after + 1)
        expect(stage.newest('writable')).toMatchObject({ quality: 'good', value: 21.5 })
        expect(await stage.host.write('writable', 91)).toMatchObject({ ok: false, code: 'tag_range' })
        expect(await stage.host.write('steady', 1)).toMatchObject({ ok: false, code: 'tag_read_only' })
        expect(await stage.host.write('nothing', 1)).toMatchObject({ ok: false, code: 'tag_unknown' })
        expect(await stage.host.write('writable', 1)).toEqual({ ok: true })
        expect(await stage.host.write('writable', 2)).toEqual({ ok: true })
        expect(await stage.host.write('writable', 3)).toMatchObject({ ok: false, code: 'tag_rate' })
      },
    )

    test.skipIf(!isThere)('ends at once when it is told to', async () => {
      const stage = openStage(sourceOf(60_000))
      await stage.until(() => stage.count('steady') > 0)
      await stage[Symbol.asyncDispose]()
      const told = stage.count('steady')
      expect(await stage.host.write('writable', 1)).toMatchObject({ ok: false, code: 'write_refused' })
      expect(stage.count('steady')).toBe(told)
    })

    test.skipIf(!isThere)('says what it would ask for without asking', async () => {
      const { groups, problems } = await planSource(sourceOf())
      expect(groups.map(({ group }) => group)).toEqual(['fast', 'slow'])
      expect(problems).toEqual([])
    })
  },
)

const named = (name: keyof Tags, tags: Tags) => ({ name, ...tags[name] })
