/** Simulator: its signals, recordings and faults. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { valueAt } from '@skerry/connectors/reading'
import type { Session } from '@skerry/connectors/session'
import { SimulatorSource } from '@skerry/contract/sources/source'
import { expect, onTestFinished, test } from 'vitest'
import { openSimulator } from './session.ts'

const never = new AbortController().signal

function clockAt(startMs: number) {
  let ms = startMs
  return {
    nowMs: () => ms,
    monotonicMs: () => ms,
    sleep: async (forMs: number) => {
      ms += forMs
    },
    go: (forMs: number) => {
      ms += forMs
    },
  }
}

const sourceOf = (tags: object[], connection: object = {}) =>
  SimulatorSource.parse({
    name: 'pump',
    protocol: 'simulator',
    connection,
    groups: [{ name: 'all', everyMs: 100, tags }],
  })

const open = (source: SimulatorSource, clock: ReturnType<typeof clockAt>) =>
  openSimulator(source, { clock, random: () => 0.5, secrets: {}, stateFolder: '', room: async () => undefined }, never)

async function read(session: Session, { groups: [group] }: SimulatorSource, place = 0) {
  if (!group) throw new Error('no group')
  return valueAt(await session.read(group, never), place, group.tags[place]?.name ?? '')
}

const RAMP = { kind: 'ramp', from: 0, to: 1_000, periodSeconds: 1_000 }
const WINDOW = { everySeconds: 100, atSeconds: 20, forSeconds: 10 }

test('a signal drops out and sticks in its configured windows, and at no other time', async () => {
  const clock = clockAt(0)
  const source = sourceOf([
    { name: 'gone', signal: RAMP, faults: [{ kind: 'dropout', when: WINDOW }] },
    { name: 'stuck', signal: RAMP, faults: [{ kind: 'stuck', when: WINDOW }] },
  ])
  await using session = await open(source, clock)
  for (let second = 0; second < 150; second += 1) {
    const isFaulty = second % 100 >= 20 && second % 100 < 30
    expect((await read(session, source, 0)).quality, `at ${second}`).toBe(isFaulty ? 'bad' : 'good')
    const stuck = isFaulty ? Math.floor(second / 100) * 100 + 19 : second
    expect(await read(session, source, 1)).toMatchObject({
      quality: 'good',
      value: stuck,
      receivedTimeMs: clock.nowMs(),
    })
    clock.go(1_000)
  }
})

test('spikes have the configured share, and are the same for the same seed', async () => {
  const source = sourceOf([
    { name: 'level', signal: { kind: 'constant', value: 5 }, faults: [{ kind: 'spike', share: 0.1, by: 100 }] },
  ])
  const run = async () => {
    await using session = await open(source, clockAt(0))
    const values: unknown[] = []
    for (let round = 0; round < 1_000; round += 1) {
      const one = await read(session, source)
      values.push(one.quality === 'good' && one.value)
    }
    return values
  }
  const first = await run()
  expect(await run()).toEqual(first)
  const spikes = first.filter((value) => value === 105).length
  expect(spikes).toBeGreaterThan(60)
  expect(spikes).toBeLessThan(140)
  expect(new Set(first)).toEqual(new Set([5, 105]))
})

test('a sine oscillates around its mean, once in its period of the clock', async () => {
  const source = sourceOf([{ name: 'level', signal: { kind: 'sine', mean: 10, amplitude: 4, periodSeconds: 8 } }])
  const clock = clockAt(800_000)
  await using session = await open(source, clock)
  const values: number[] = []
  for (let second = 0; second <= 8; second += 1) {
    const one = await read(session, source)
    values.push(one.quality === 'good' && typeof one.value === 'number' ? one.value : Number.NaN)
    clock.go(1_000)
  }
  const between = 4 * Math.SQRT1_2
  const top = 4
  for (const [at, swing] of [0, between, top, between, 0, -between, -top, -between, 0].entries())
    expect(values[at], `at ${at}`).toBeCloseTo(10 + swing, 9)
})

test('a walk starts at its configured value, keeps to its step and bounds, and is the same for the same seed', async () => {
  const signal = { kind: 'walk', start: 50, step: 2, min: 45, max: 55 }
  const walk = async (seed: number) => {
    const source = sourceOf([{ name: 'level', signal }], { seed })
    await using session = await open(source, clockAt(0))
    const values = [50]
    for (let round = 0; round < 1_000; round += 1) {
      const one = await read(session, source)
      values.push(one.quality === 'good' && typeof one.value === 'number' ? one.value : Number.NaN)
    }
    return values
  }
  const values = await walk(7)
  const steps = values.slice(1).map((value, at) => Math.abs(value - (values[at] ?? 0)))
  expect(Math.max(...steps)).toBeLessThanOrEqual(2)
  expect(Math.max(...steps)).toBeGreaterThan(1)
  // In a thousand steps the walk reaches both limits, and passes neither.
  expect([Math.min(...values), Math.max(...values)]).toEqual([45, 55])
  expect(await walk(7)).toEqual(values)
  expect(await walk(8)).not.toEqual(values)
})

test('a loose contact makes the configured share of the readings bad', async () => {
  const contact = (faultShare: number) => sourceOf([{ name: 'level', signal: RAMP, faultShare }])
  const badOf = async (source: SimulatorSource) => {
    await using session = await open(source, clockAt(0))
    let count = 0
    for (let round = 0; round < 1_000; round += 1) {
      const one = await read(session, source)
      if (one.quality === 'bad') count += 1
      if (one.quality === 'bad') expect(one.cause.code).toBe('simulated_fault')
    }
    return count
  }
  expect([await badOf(contact(0)), await badOf(contact(1))]).toEqual([0, 1_000])
  const some = await badOf(contact(0.2))
  expect(some).toBeGreaterThan(150)
  expect(some).toBeLessThan(250)
})

test('the source is away in its configured windows, and each answer takes its delay', async () => {
  const clock = clockAt(0)
  const source = sourceOf([{ name: 'level', signal: RAMP }], { disconnects: [WINDOW], delayMs: 500 })
  await using session = await open(source, clock)
  await read(session, source)
  expect(clock.nowMs()).toBe(500)
  clock.go(20_000)
  await expect(read(session, source)).rejects.toMatchObject({ code: 'source_lost' })
  await expect(open(source, clock)).rejects.toMatchObject({ code: 'source_unreachable' })
  clock.go(10_000)
  await using again = await open(source, clock)
  expect(await read(again, source)).toMatchObject({ quality: 'good' })
})

test('a recording plays at its own speed, or at the configured one, and starts again after its end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-replay-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'pump.csv')
  await writeFile(
    path,
    'at,Level,state\n2026-11-27T10:00:00Z,1,on\n2026-11-27T10:00:10Z,2,\n2026-11-27T10:00:30Z,4,off\n',
  )
  const tags = [
    { name: 'level', signal: { kind: 'replay', column: 'Level' }, scale: 10 },
    { name: 'state', signal: { kind: 'replay', column: 'state' } },
  ]
  const clock = clockAt(1_000_000)
  const source = sourceOf(tags, { recording: { path, time: 'at', speed: 2 } })
  await using session = await open(source, clock)
  expect(await session.browse?.('', new AbortController().signal)).toEqual([
    { path: 'level', label: 'level = 1', isFolder: false, tag: { signal: { kind: 'replay', column: 'level' } } },
    { path: 'state', label: 'state = "on"', isFolder: false, tag: { signal: { kind: 'replay', column: 'state' } } },
  ])
  const levels: unknown[] = []
  for (let second = 0; second < 30; second += 5) {
    const one = await read(session, source)
    levels.push(one.quality === 'good' && one.value)
    clock.go(5_000)
  }
  // 45 seconds at twice the speed: the last reading lasts as long as the readings before it.
  expect(levels).toEqual([10, 20, 20, 40, 40, 10])
  clock.go(-25_000)
  expect(await read(session, source, 1)).toMatchObject({ quality: 'bad', cause: { code: 'value_missing' } })
  const once = sourceOf(tags, { recording: { path, time: 'at', loop: false } })
  await using last = await open(once, clock)
  clock.go(3_600_000)
  expect(await read(last, once)).toMatchObject({ value: 40 })
})

test('a file that is no recording is an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-replay-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'pump.csv')
  await writeFile(path, 'at,level\nnever,1\n')
  const tags = [{ name: 'level', signal: { kind: 'replay', column: 'level' } }]
  for (const wrong of [path, join(folder, 'nothing.csv')]) {
    const source = sourceOf(tags, { recording: { path: wrong, time: 'at' } })
    await expect(open(source, clockAt(0))).rejects.toMatchObject({ code: 'source_unreachable' })
  }
})
