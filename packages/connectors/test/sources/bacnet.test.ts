/** BACnet/IP against a device of our own, with tshark as the judge of what both say. Not against real equipment. */
import { BacnetSource } from '@skerry/contract/sources/source'
import { type BacnetPeer, hasBacnet, startBacnet } from '@skerry/testkit/peers/bacnet-peer'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chunksOf, dissect, hasTshark } from '../stage/dissect.ts'
import { openStage } from '../stage/stage.ts'

const stageOf = ({ port }: BacnetPeer, tags: object[], connection: object = {}) =>
  openStage(
    BacnetSource.parse({
      name: 'plant-room',
      protocol: 'bacnet',
      // Patient: on a busy machine an answer may take seconds, and a write is sent once.
      connection: { host: '127.0.0.1', port, timeoutMs: 60_000, ...connection },
      groups: [{ name: 'all', everyMs: 50, tags }],
    }),
  )

const ALL = [
  { name: 'level', address: 'analog-input:1' },
  { name: 'alarmed', address: 'analog-input:3' },
  { name: 'faulty', address: 'analog-input:10' },
  { name: 'parked', address: 'analog-input:11' },
  { name: 'forced', address: 'analog-input:12' },
  { name: 'running', address: 'binary-value:1' },
  { name: 'mode', address: 'multi-state-value:1' },
  { name: 'pulses', address: 'accumulator:1' },
  { name: 'label', address: 'characterstring-value:1' },
  { name: 'whole', address: 'integer-value:1' },
  { name: 'large', address: 'large-analog-value:1' },
  { name: 'words', address: 'analog-input:1', property: 28 },
  { name: 'nothing', address: 'analog-input:77' },
  { name: 'plant', address: 'device:1234', property: 77 },
  { name: 'empty', address: 'analog-input:1', property: 4_000 },
]

const SAID: Record<string, object> = {
  level: { quality: 'good', value: 3.25 },
  alarmed: { quality: 'good', value: 59_993 },
  faulty: { quality: 'bad', cause: { code: 'quality_fault' } },
  parked: { quality: 'uncertain', value: 1, cause: { code: 'quality_out_of_service' } },
  forced: { quality: 'uncertain', value: 1, cause: { code: 'quality_overridden' } },
  running: { quality: 'good', value: true },
  mode: { quality: 'good', value: 3 },
  pulses: { quality: 'good', value: 4_000_000_000 },
  label: { quality: 'good', value: 'Büro 7' },
  whole: { quality: 'good', value: -70_000 },
  large: { quality: 'good', value: 2.5e300 },
  words: { quality: 'good', value: 'as it was ordered' },
  nothing: { quality: 'bad', cause: { code: 'address_unknown' } },
  plant: { quality: 'good', value: 'plant room' },
  empty: { quality: 'bad', cause: { code: 'address_unknown' } },
}

describe.skipIf(!hasBacnet)('bacnet', () => {
  let peer: BacnetPeer
  beforeAll(async () => {
    peer = await startBacnet()
  })
  afterAll(() => peer[Symbol.asyncDispose]())

  test.each<[string, ('plain' | 'small')[]]>([
    ['answers several at once', []],
    ['answers one at a time', ['plain']],
    ['has no room for so many answers', ['small']],
  ])('each kind of value is read of a device that %s, with the state of its object', async (_, kinds) => {
    await using device = await startBacnet(...kinds)
    await using stage = stageOf(device, ALL, { device: 1_234 })
    await stage.until(() => stage.count('empty') > 1)
    for (const [tag, expected] of Object.entries(SAID)) expect(stage.newest(tag), tag).toMatchObject(expected)
    expect(stage.host.figures().crashes).toBe(0)
    expect(await stage.host.browse('')).toMatchObject({
      ok: true,
      entries: expect.arrayContaining([
        {
          path: 'analog-input:1',
          label: expect.stringContaining('object 1'),
          isFolder: false,
          tag: { address: 'analog-input:1' },
        },
      ]),
    })
  })

  test('is written at a priority, given up again, and refused what it does not take', async () => {
    await using device = await startBacnet()
    await using stage = stageOf(device, [
      { name: 'setpoint', address: 'analog-value:2', priority: 8, releaseAt: -1, write: {} },
      { name: 'low', address: 'analog-value:2', write: {} },
      { name: 'running', address: 'binary-value:1', write: {} },
      { name: 'mode', address: 'multi-state-value:1', write: {} },
      { name: 'label', address: 'characterstring-value:1', write: {} },
      { name: 'whole', address: 'integer-value:1', write: {} },
      { name: 'fixed', address: 'analog-input:1', write: {} },
    ])
    await stage.until(() => stage.newest('fixed')?.quality === 'good')
    expect(await stage.host.write('setpoint', 21.7)).toEqual({ ok: true })
    // Held below the other, which counts.
    expect(await stage.host.write('low', 19)).toMatchObject({ ok: false, code: 'write_unverified' })
    expect(await stage.host.write('running', false)).toEqual({ ok: true })
    expect(await stage.host.write('mode', 2)).toEqual({ ok: true })
    expect(await stage.host.write('mode', 9)).toMatchObject({ ok: false, code: 'write_refused' })
    expect(await stage.host.write('mode', -1)).toMatchObject({ ok: false, code: 'tag_type' })
    expect(await stage.host.write('label', 'Küche')).toEqual({ ok: true })
    expect(await stage.host.write('whole', -300)).toEqual({ ok: true })
    expect(await stage.host.write('fixed', 1)).toMatchObject({ ok: false, code: 'write_refused' })
    const newest = (tag: string) => {
      const value = stage.newest(tag)
      return value && 'value' in value ? value.value : undefined
    }
    await stage.until(() => newest('whole') === -300 && newest('running') === false)
    expect([newest('setpoint'), newest('mode'), newest('label')]).toEqual([Math.fround(21.7), 2, 'Küche'])
    expect(await stage.host.write('setpoint', -1)).toEqual({ ok: true })
    await stage.until(() => newest('setpoint') === 19)
  })

  test('a device of another number is not let in', async () => {
    await using stage = stageOf(peer, ALL.slice(0, 1), { device: 7 })
    await stage.until(() => stage.newest('level') !== undefined)
    expect(stage.newest('level')).toMatchObject({ quality: 'bad', cause: { code: 'source_refused' } })
  })

  test('a device that dies, or is frozen, is told, and back soon after it is there again', async () => {
    await using device = await startBacnet()
    await using stage = stageOf(device, ALL.slice(0, 1), { timeoutMs: 400 })
    await stage.until(() => stage.newest('level')?.quality === 'good')
    const isBadBy = (code: string) => {
      const level = stage.newest('level')
      return level?.quality === 'bad' && level.cause.code === code
    }
    await device.kill()
    await stage.until(() => isBadBy('source_unreachable'))
    await device.start()
    await stage.until(() => stage.newest('level')?.quality === 'good')
    device.freeze()
    await stage.until(() => isBadBy('source_silent'))
    device.thaw()
    await stage.until(() => stage.newest('level')?.quality === 'good')
    expect(stage.host.figures().crashes).toBe(0)
  })

  test.skipIf(!hasTshark)(
    'tshark reads both sides, and reads of them what was meant',
    deep('a second reader of what the other tests have read'),
    async () => {
      await using device = await startBacnet()
      await using stage = stageOf(device, [
        ...ALL,
        { name: 'setpoint', address: 'analog-value:2', priority: 8, write: {} },
      ])
      await stage.until(() => stage.newest('level')?.quality === 'good')
      expect(await stage.host.write('setpoint', 21.5)).toEqual({ ok: true })
      const heard = chunksOf(device.said())
      const SERVICE = 'bacapp.confirmed_service'
      const VALUE = 'bacapp.present_value.real'
      const PROPERTY = 'bacapp.property_identifier'
      const fields = ['bacapp.type', SERVICE, VALUE, PROPERTY]
      const look = (filter: string) => dissect(heard, { transport: 'udp', protocol: 'bvlc', filter, fields })
      expect(look('_ws.malformed')).toEqual([])
      // A confirmed request (0) to read several (14) and the answer (3); a write (15) that is acknowledged (2).
      expect(look('bacapp.confirmed_service == 14').slice(0, 2)).toEqual([
        { 'bacapp.type': ['0'], [SERVICE]: ['14'], [PROPERTY]: expect.arrayContaining(['85', '111', '28', '77']) },
        {
          'bacapp.type': ['3'],
          [SERVICE]: ['14'],
          [PROPERTY]: expect.arrayContaining(['85', '111', '28', '77']),
          [VALUE]: ['3.25', '59993', '1', '1', '1', '30'],
        },
      ])
      expect(look('bacapp.confirmed_service == 15')).toEqual([
        { 'bacapp.type': ['0'], [SERVICE]: ['15'], [VALUE]: ['21.5'], [PROPERTY]: ['85'] },
        { 'bacapp.type': ['2'], [SERVICE]: ['15'] },
      ])
    },
  )
})
