/** Modbus against libmodbus: its own word orders, its own refusals, and a PLC that dies, freezes and comes back. */
import { ModbusSource } from '@skerry/contract/sources/source'
import type { TagContent } from '@skerry/contract/sources/tag'
import { hasModbus, type ModbusPeer, startModbus } from '@skerry/testkit/peers/modbus-peer'
import { deep, rounds, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planModbus } from '../../src/modbus/address.ts'
import { openStage } from '../stage/stage.ts'

/** A late answer may come at another moment each time. */
const FREEZES = rounds({ quick: 1, deep: 3 })

describe.skipIf(!hasModbus)('modbus', () => {
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

  async function readOnce(tags: object[], connection: object = {}) {
    const source = sourceOf(tags, connection)
    const names = source.groups.flatMap((group) => group.tags.map(({ name }) => name))
    await using stage = openStage(source)
    await stage.until(() => names.every((name) => stage.newest(name) !== undefined))
    return Object.fromEntries(names.map((name) => [name, stage.newest(name)]))
  }

  const KINDS: [name: string, tag: object, value: TagContent][] = [
    ['ABCD', { address: 'holding:100', type: 'float32', order: 'ABCD' }, 3.25],
    ['CDAB', { address: 'holding:102', type: 'float32', order: 'CDAB' }, 3.25],
    ['BADC', { address: 'holding:104', type: 'float32', order: 'BADC' }, 3.25],
    ['DCBA', { address: 'holding:106', type: 'float32', order: 'DCBA' }, 3.25],
    ['a holding register', { address: 'holding:4711' }, 4_711],
    ['an input register', { address: 'input:1' }, 59_999],
    ['a signed one', { address: 'input:1', type: 'int16' }, -5_537],
    ['two registers', { address: 'holding:1', type: 'uint32' }, 65_538],
    ['an array', { address: 'holding:1', count: 3 }, [1, 2, 3]],
    ['a bit of a register', { address: 'holding:8', type: 'bool', bit: 3 }, true],
    ['a discrete input', { address: 'discrete:3' }, true],
    ['several coils', { address: 'coil:1990', count: 4 }, [false, false, false, false]],
    ['a masked one', { address: 'holding:175', mask: 0xf0, shift: 4 }, 10],
  ]

  test('reads each kind as libmodbus has it', async () => {
    const read = await readOnce(KINDS.map(([, tag], at) => ({ name: `t${at}`, ...tag })))
    for (const [at, [name, , value]] of KINDS.entries())
      expect(read[`t${at}`], name).toMatchObject({ quality: 'good', value })
  })

  test('addresses may count from 1, as manuals do', async () => {
    expect(
      (await readOnce([{ name: 'tag', address: 'holding:101', type: 'float32' }], { firstAddress: 1 })).tag,
    ).toMatchObject({
      quality: 'good',
      value: 3.25,
    })
  })

  test('an address that the equipment does not have spoils no other tag, and is not asked for together with them again', async () => {
    const tags = [9_996, 9_997, 9_998, 9_999, 10_000, 10_001].map((at) => ({
      name: `r${at}`,
      address: `holding:${at}`,
    }))
    const values = await readOnce(tags)
    expect(Object.values(values).map((value) => value?.quality)).toEqual(['good', 'good', 'good', 'good', 'bad', 'bad'])
    expect(values.r10000).toMatchObject({
      cause: { code: 'address_unknown', message: expect.stringContaining('exception 2') },
    })
  })

  describe.each([
    ['none', {}, 12],
    ['shrink', {}, 10],
    ['rearrange', {}, 9],
    ['max-insert', {}, 6],
    ['max-insert', { gapMax: 100, bitsMax: 20 }, 5],
  ])('the plan %s, with %j,', (mode, limits, requests) => {
    const tier = requests === 6 ? {} : deep('another plan; max-insert with its usual limits is quick')
    test(`reads from it the same by ${requests} requests`, tier, async () => {
      const registers = [4_711, 4_712, 4_715, 4_720, 4_713, 4_790]
      const tags = [
        ...registers.map((at) => ({ name: `r${at}`, address: `holding:${at}` })),
        ...[3, 4, 9, 40].map((at) => ({ name: `d${at}`, address: `discrete:${at}` })),
        { name: 'level', address: 'holding:100', type: 'float32' },
        { name: 'top', address: 'input:1' },
      ]
      const plan = { mode, ...limits }
      const values = await readOnce(tags, { plan })
      for (const at of registers) expect(values[`r${at}`], `${at}`).toMatchObject({ quality: 'good', value: at })
      expect([values.d3, values.d4, values.d9, values.d40]).toMatchObject(
        [3, 4, 9, 40].map((at) => ({ quality: 'good', value: at % 3 === 0 })),
      )
      expect([values.level, values.top]).toMatchObject([{ value: 3.25 }, { value: 59_999 }])
      expect(planModbus(sourceOf(tags, { plan })).groups).toMatchObject([{ requests }])
    })
  })

  test(
    'a group of 10 ms is read on and on, in order, and each round is told whole or counted as left out',
    deep('fifty rounds of what the other tests read once'),
    async () => {
      const { groups, ...rest } = sourceOf([
        { name: 'setpoint', address: 'holding:80', write: { perMinute: 6_000 } },
        { name: 'level', address: 'holding:100', type: 'float32' },
      ])
      const source = ModbusSource.parse({
        ...rest,
        connection: { ...rest.connection, timeoutMs: 60_000 },
        groups: groups.map((group) => ({ ...group, everyMs: 10 })),
      })
      await using stage = openStage(source)
      await stage.until(() => stage.count('setpoint') > 20)
      const written = Array.from({ length: 10 }, (_, index) => 1_000 + index)
      for (const value of written) {
        expect(await stage.host.write('setpoint', value)).toEqual({ ok: true })
        await stage.until(() => stage.told.some((told) => 'value' in told && told.value === value))
      }
      await stage.until(() => (stage.host.figures().groups[0]?.rounds ?? 0) > 50)
      const values = stage.told.flatMap((told) => (told.tag === 'setpoint' && 'value' in told ? [told.value] : []))
      expect(values.filter((value, index) => value !== values[index - 1])).toEqual([80, ...written])
      const [figures] = stage.host.figures().groups
      expect(figures).toMatchObject({ skipped: expect.any(Number), told: 2 * (figures?.rounds ?? 0), untold: 0 })
      expect(stage.states.map(({ kind }) => kind)).toEqual(['connecting', 'up'])
    },
  )

  test('while the equipment is gone every tag is bad, told once; it is back soon after it is there again', async () => {
    await using stage = openStage(sourceOf([{ name: 'tag', address: 'holding:100', type: 'float32' }]))
    await stage.until(() => stage.newest('tag')?.quality === 'good')
    await peer.kill()
    await stage.until(() => stage.newest('tag')?.quality === 'bad')
    const told = stage.count('tag')
    await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length > 2)
    expect(stage.count('tag')).toBe(told)
    expect(stage.newest('tag')).toMatchObject({ cause: { code: expect.stringMatching(/^source_(lost|unreachable)$/) } })
    expect(await stage.host.write('tag', 1)).toMatchObject({ ok: false, code: 'tag_read_only' })
    await peer.start()
    await stage.until(() => stage.newest('tag')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })

  test(
    'equipment that answers nothing is given up after its time, and no late answer is taken for another',
    strict('a late answer that is taken for another is a finding'),
    async () => {
      await using stage = openStage(
        sourceOf(
          [
            { name: 'one', address: 'holding:1' },
            { name: 'far', address: 'holding:4000' },
          ],
          { timeoutMs: 500 },
        ),
      )
      await stage.until(() => stage.newest('far')?.quality === 'good')
      for (let round = 0; round < FREEZES; round += 1) {
        const downs = stage.states.filter(({ kind }) => kind === 'down').length
        peer.freeze()
        await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length > downs)
        expect(stage.newest('one')).toMatchObject({ quality: 'bad', cause: { code: 'source_silent' } })
        peer.thaw()
        await stage.until(() => stage.newest('one')?.quality === 'good' && stage.newest('far')?.quality === 'good')
        expect([stage.newest('one'), stage.newest('far')]).toMatchObject([{ value: 1 }, { value: 4_000 }])
      }
    },
  )

  test(
    'a write that is not answered ends the connection, whenever the next round is, and its late answer is taken for no other',
    strict('a late answer that is taken for another is a finding'),
    async () => {
      const { groups, ...rest } = sourceOf([{ name: 'setpoint', address: 'holding:60', write: { perMinute: 6_000 } }])
      const source = ModbusSource.parse({
        ...rest,
        connection: { ...rest.connection, timeoutMs: 2_000 },
        groups: groups.map((group) => ({ ...group, everyMs: 3_600_000 })),
      })
      await using stage = openStage(source)
      await stage.until(() => stage.newest('setpoint')?.quality === 'good')
      for (const value of [7, 8, 9].slice(0, FREEZES)) {
        const downs = stage.states.filter(({ kind }) => kind === 'down').length
        peer.freeze()
        expect(await stage.host.write('setpoint', 1_000 + value)).toMatchObject({
          ok: false,
          code: 'write_unverified',
          message: expect.stringContaining('did not answer'),
        })
        await stage.until(() => stage.states.filter(({ kind }) => kind === 'down').length > downs)
        expect(stage.newest('setpoint')).toMatchObject({ cause: { code: 'source_silent' } })
        peer.thaw()
        await stage.until(() => stage.newest('setpoint')?.quality === 'good' && stage.states.at(-1)?.kind === 'up')
        expect(await stage.host.write('setpoint', value)).toEqual({ ok: true })
      }
    },
  )

  test('many tags are few requests, and what cannot be asked for is told before anybody connects', () => {
    const tags = Array.from({ length: 1_000 }, (_, index) => ({
      name: `t${index}`,
      address: `holding:${index * 2}`,
      type: 'float32',
    }))
    const planOf = (plan: object) => planModbus(sourceOf(tags, { plan })).groups[0]?.requests
    expect([planOf({ mode: 'none' }), planOf({}), planOf({ registersMax: 50 })]).toEqual([
      1_000,
      Math.ceil(1_000 / 62),
      40,
    ])
    const { problems } = planModbus(sourceOf([{ name: 'end', address: 'holding:65535', type: 'uint32' }]))
    expect(problems).toEqual([{ tag: 'end', message: 'it ends beyond address 65535' }])
    expect(planModbus(sourceOf([{ name: 'zero', address: 'coil:0' }], { firstAddress: 1 })).problems).toHaveLength(1)
  })
})
