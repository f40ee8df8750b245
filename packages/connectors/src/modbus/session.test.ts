/** Modbus session: what the equipment is asked, in which order and with which pauses, as it sees it itself. */
import { type Reading, valueAt } from '@skerry/connectors/reading'
import type { Session } from '@skerry/connectors/session'
import { ModbusSource } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { startCountingModbus } from '../../test/stage/counting-modbus.ts'
import { planModbus } from './address.ts'
import { openModbus } from './session.ts'

const never = new AbortController().signal

const sourceOf = (port: number, groups: object[][], connection: object = {}) =>
  ModbusSource.parse({
    name: 'plc',
    protocol: 'modbus',
    connection: { host: '127.0.0.1', port, timeoutMs: 60_000, ...connection },
    groups: groups.map((tags, at) => ({ name: `g${at}`, everyMs: 100, tags })),
  })

/** Time passes only where somebody sleeps, and a sleep lets everything happen that would happen too early. */
function sleepingClock(log: string[] = []) {
  let ms = 0
  return {
    nowMs: () => ms,
    monotonicMs: () => ms,
    async sleep(forMs: number) {
      if (forMs > 0) await new Promise((resolve) => setTimeout(resolve, 30))
      ms += forMs
      if (forMs > 0) log.push(`slept ${forMs}`)
    },
  }
}

const open = (source: ModbusSource, clock = sleepingClock()): Promise<Session> =>
  openModbus(source, { clock, random: () => 0, secrets: {}, stateFolder: '', room: async () => undefined }, never)

async function readAll(session: Session, { groups: [group] }: ModbusSource) {
  if (!group) throw new Error('no group')
  const reading: Reading = await session.read(group, never)
  return group.tags.map(({ name }, place) => {
    const value = valueAt(reading, place, name)
    return value.quality === 'bad' ? value.cause.code : value.value
  })
}

const LEVEL = { name: 'level', address: 'holding:100' }
const POLITE = { pauseAfterConnectMs: 300, pauseBetweenRequestsMs: 40, busyRetries: 2, busyPauseMs: 700 }

test('equipment is given its pauses, and asked again where it says that it is busy', async () => {
  const log: string[] = []
  await using peer = await startCountingModbus({ busy: 2, onAsked: (asked) => log.push(asked) })
  const source = sourceOf(peer.port, [[LEVEL, { name: 'far', address: 'holding:900' }]], POLITE)
  await using session = await open(source, sleepingClock(log))
  expect(await readAll(session, source)).toEqual([100, 900])
  const busy = ['3:100+1', 'slept 40', 'slept 700']
  expect(log).toEqual(['slept 300', ...busy, ...busy, '3:100+1', 'slept 40', '3:900+1', 'slept 40'])
})

test('equipment that is busy at every try is told so, and asked no more often than it was said', async () => {
  await using peer = await startCountingModbus({ busy: 3 })
  const source = sourceOf(peer.port, [[{ ...LEVEL, write: {} }]], POLITE)
  await using session = await open(source)
  expect(await readAll(session, source)).toEqual(['equipment_busy'])
  expect(peer.asked).toEqual(['3:100+1', '3:100+1', '3:100+1'])
  expect(await readAll(session, source)).toEqual([100])
})

test('one request is on its way at a time, whoever asks: groups and writes', async () => {
  await using peer = await startCountingModbus()
  const far = [1, 2, 3].map((at) => ({ name: `far${at}`, address: `holding:${at * 1_000}` }))
  const valve = { name: 'valve', address: 'holding:7', write: {} }
  const source = sourceOf(peer.port, [[...far, valve], [{ name: 'lamp', address: 'coil:1' }]])
  await using session = await open(source)
  await Promise.all([
    ...source.groups.map((group) => session.read(group, never)),
    ...[7, 7].map(async (value) => expect(await session.write('valve', value, never)).toEqual({ ok: true })),
    ...source.groups.map((group) => session.read(group, never)),
  ])
  expect(peer.asked.length).toBe(2 * (4 + 1) + 2 * 2)
  expect(peer.asked.filter((asked) => asked === '6:7=7')).toHaveLength(2)
  expect(peer.atOnceMax()).toBe(1)
})

const MIXED = [
  ...[100, 101, 103, 110, 102, 130].map((at) => ({ name: `r${at}`, address: `holding:${at}` })),
  ...[1, 2, 5, 40].map((at) => ({ name: `c${at}`, address: `coil:${at}` })),
]
const SAID = [100, 101, 103, 110, 102, 130, true, false, true, false]

test.each<[string, object, string[]]>([
  ['none', {}, ['3:100+1', '3:101+1', '3:103+1', '3:110+1', '3:102+1', '3:130+1', '1:1+1', '1:2+1', '1:5+1', '1:40+1']],
  ['shrink', {}, ['3:100+2', '3:103+1', '3:110+1', '3:102+1', '3:130+1', '1:1+2', '1:5+1', '1:40+1']],
  ['rearrange', {}, ['3:100+4', '3:110+1', '3:130+1', '1:1+2', '1:5+1', '1:40+1']],
  ['max-insert', {}, ['3:100+11', '3:130+1', '1:1+5', '1:40+1']],
  ['max-insert', { gapMax: 34 }, ['3:100+31', '1:1+40']],
  ['max-insert', { gapMax: 34, registersMax: 11, bitsMax: 4 }, ['3:100+11', '3:130+1', '1:1+2', '1:5+1', '1:40+1']],
])('the plan %s, with %j, reads the same by other requests', async (mode, limits, requests) => {
  await using peer = await startCountingModbus()
  const source = sourceOf(peer.port, [MIXED], { plan: { mode, ...limits } })
  await using session = await open(source)
  expect(await readAll(session, source)).toEqual(SAID)
  expect(peer.asked).toEqual(requests)
  expect(planModbus(source).groups).toMatchObject([{ requests: requests.length }])
})
