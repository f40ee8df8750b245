import type { UpdateWindow, UpdateWindows } from '@skerry/contract/deployments/update-window'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Shadow } from '@skerry/contract/models/serving'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { type SimulatedDevice, simulateDevice } from '@skerry/testkit/simulation/simulated-device'
import { law as random, rounds } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PlanStep, planDevice } from './device-plan.ts'
import { isSameLoad } from './item-life.ts'
import { downloadHold, installHold, lockHold, type WindowStart } from './update-hold.ts'

/** Opens at each full 100 s. */
const PERIOD_MS = 100_000
const windowStart = (_: UpdateWindow, afterMs: number): WindowStart => ({
  ok: true,
  atMs: (Math.floor(afterMs / PERIOD_MS) + 1) * PERIOD_MS,
})
const shortWindow: UpdateWindow = { cron: '* * * * *', timeZone: 'UTC', durationSeconds: 20 }
const both: UpdateWindows = { download: shortWindow, install: shortWindow }

type Wishes = Partial<Pick<DesiredItem, 'revision' | 'ignoreLocks' | 'hold'>> & { shadow?: Partial<Shadow> }

const item = (version: number, window?: UpdateWindows, { shadow, ...more }: Wishes = {}): DesiredItem => ({
  ...buildDesiredItem({ version, ...(shadow && { shadow }) }),
  ...(window && { window }),
  ...more,
})

/** A device that serves version 1, at a time when the windows are shut. */
function servingOne(timeMs = 50_000): SimulatedDevice {
  const device = simulateDevice()
  device.facts.wanted = [item(1)]
  device.settle()
  setTime(device, timeMs)
  return device
}

const setTime = ({ facts }: SimulatedDevice, timeMs: number, locks = facts.updates.locks) => {
  facts.updates = { timeMs, windowStart, locks }
}
const lock = (device: SimulatedDevice, ...names: string[]) =>
  setTime(
    device,
    device.facts.updates.timeMs,
    names.map((name) => ({ name, reason: 'busy' })),
  )

/** Works until only time or somebody else changes anything. */
function work(device: SimulatedDevice): PlanStep['kind'][] {
  const done: PlanStep['kind'][] = []
  for (let step = device.next(); step; step = device.next()) {
    device.execute(step)
    done.push(step.kind)
  }
  return done
}
const stateOf = ({ facts }: SimulatedDevice) => facts.lives[0]?.state
const heldBy = (device: SimulatedDevice) => planDevice(device.read()).holds.get('m')?.cause.code

test('a device prefetches before the install window, waits, and installs when the window opens', () => {
  const device = servingOne()
  device.facts.wanted = [item(2, { install: shortWindow })]
  expect(work(device)).toEqual(['target', 'begin', 'fetch', 'fetched', 'verify', 'defer'])
  expect([stateOf(device), heldBy(device), device.serving()]).toEqual(['loading', 'window_waits', [1]])
  const { wakeMs } = planDevice(device.read())
  expect(wakeMs, 'wakes when the window opens').toBe(device.facts.nowMs + 50_000)
  setTime(device, 100_000)
  expect(work(device).slice(0, 4)).toEqual(['resume', 'verify', 'load', 'golden'])
  expect([heldBy(device), device.serving()]).toEqual([undefined, [2]])
})

test('a device downloads only during the download window, and stops when it closes', () => {
  const device = servingOne()
  device.facts.wanted = [item(2, { download: shortWindow })]
  expect(work(device)).toEqual(['target', 'begin'])
  expect([stateOf(device), heldBy(device)]).toEqual(['fetching', 'window_waits'])
  setTime(device, 110_000)
  const open = planDevice(device.read())
  expect(open.fetch.map(({ kind }) => kind)).toEqual(['fetch'])
  expect(open.wakeMs, 'wakes when it shuts').toBe(device.facts.nowMs + 10_000)
  setTime(device, 120_000)
  expect(planDevice(device.read()).fetch).toEqual([])
})

test('cached files need no download window', () => {
  const device = servingOne()
  const [file] = item(2).files
  if (file) device.facts.blobs.set(file.digest, file.sizeBytes)
  device.facts.wanted = [item(2, { download: shortWindow })]
  device.settle()
  expect(device.serving()).toEqual([2])
})

test('an install that has started continues when the window closes', () => {
  const device = servingOne(100_000)
  device.facts.wanted = [item(2, both)]
  while (stateOf(device) !== 'golden') device.execute(device.next() as PlanStep)
  setTime(device, 150_000)
  device.settle()
  expect(device.serving()).toEqual([2])
})

test('a window that closes does not hold back a version on trial that the machine runs already', () => {
  const device = servingOne(100_000)
  device.facts.wanted = [item(2, both)]
  while (stateOf(device) !== 'golden') device.execute(device.next() as PlanStep)
  // The machine restarts into the version, and the window is over when the agent runs again.
  device.facts.loaded = []
  device.tellAll({ kind: 'interrupted', isBlameless: true })
  setTime(device, 150_000)
  const elsewhere = item(3, both)
  device.facts.machine = { ...device.facts.machine, trials: new Set([elsewhere.digest]) }
  work(device)
  expect([stateOf(device), heldBy(device)]).toEqual(['loading', 'window_waits'])
  device.facts.machine = { ...device.facts.machine, trials: new Set([item(2).digest]) }
  lock(device, 'robot')
  expect(work(device)).toContain('switch')
  expect([stateOf(device), heldBy(device), device.serving()]).toEqual(['probation', undefined, [2]])
})

test('kills and crashes during a wait are not counted against the version', () => {
  const device = servingOne()
  device.facts.wanted = [item(2, { install: shortWindow })]
  work(device)
  expect(stateOf(device)).toBe('loading')
  for (let kills = 0; kills < 10; kills++) {
    device.facts.loaded = []
    device.tellAll({ kind: 'interrupted' })
    device.tellAll({ kind: 'runner-crashed', cause: { code: 'model_crashed', message: '' } })
    expect(work(device), 'what proved itself is restored, whatever is shut').toEqual(['load', 'switch'])
    expect([stateOf(device), device.serving()]).toEqual(['loading', [1]])
  }
})

test('a lock holds each install, allows downloads, and ends on release or with ignoreLocks', () => {
  const device = servingOne()
  lock(device, 'robot')
  device.facts.wanted = [item(2)]
  work(device)
  expect([stateOf(device), heldBy(device), device.serving()]).toEqual(['loading', 'update_locked', [1]])
  device.facts.wanted = [item(2, undefined, { revision: 2, ignoreLocks: true })]
  work(device)
  expect(device.serving()).toEqual([2])
  device.settle()
  device.facts.wanted = [item(3)]
  work(device)
  expect(device.serving()).toEqual([2])
  lock(device)
  work(device)
  expect(device.serving()).toEqual([3])
})

test('a lock that is taken during a load keeps requests on the old version', () => {
  const device = servingOne()
  device.facts.wanted = [item(2)]
  while (stateOf(device) !== 'golden') device.execute(device.next() as PlanStep)
  lock(device, 'robot')
  expect(work(device)).toEqual(['defer'])
  expect([device.serving(), heldBy(device)]).toEqual([[1], 'update_locked'])
  lock(device)
  device.settle()
  expect(device.serving()).toEqual([2])
})

const shadow = { share: 1, minCompared: 1, seconds: 0, maxMismatchShare: 0 }

test('a successful shadow waits for the install window before it serves requests', () => {
  const device = servingOne(100_000)
  device.facts.wanted = [item(2, both, { shadow })]
  while (stateOf(device) !== 'shadow') device.execute(device.next() as PlanStep)
  setTime(device, 150_000)
  work(device)
  expect([stateOf(device), heldBy(device), device.serving()]).toEqual(['shadow', 'window_waits', [1]])
  setTime(device, 200_000)
  device.settle()
  expect(device.serving()).toEqual([2])
})

test('a ready version that is no longer held waits for the install window', () => {
  const device = servingOne(100_000)
  device.facts.wanted = [item(2, both, { hold: true })]
  work(device)
  expect([stateOf(device), heldBy(device)]).toEqual(['ready', undefined])
  setTime(device, 150_000)
  device.facts.wanted = [item(2, both)]
  work(device)
  expect([stateOf(device), heldBy(device), device.serving()]).toEqual(['ready', 'window_waits', [1]])
  setTime(device, 200_000)
  device.settle()
  expect(device.serving()).toEqual([2])
})

test('a window or lock that the document removes holds nothing, in the same revision', () => {
  const device = servingOne()
  device.facts.wanted = [item(2, both)]
  work(device)
  device.facts.wanted = [item(2)]
  device.settle()
  expect(device.serving()).toEqual([2])
})

test('a device rolls back to the last good version despite closed windows and locks', () => {
  const device = servingOne(100_000)
  device.facts.wanted = [item(2, both)]
  work(device)
  expect([stateOf(device), device.serving()]).toEqual(['probation', [2]])
  setTime(device, 150_000)
  lock(device, 'robot')
  device.facts.loaded = device.facts.loaded?.map((one) => ({ ...one, stats: { requests: 100, failures: 50 } }))
  device.settle()
  expect([stateOf(device), device.serving()]).toEqual(['failed', [1]])
})

type Wish = { version: number; ignoreLocks: boolean }
type Move = 'work' | 'kill' | 'lock' | 'unlock' | number | Wish

function suffer(device: SimulatedDevice, move: Move): void {
  if (typeof move === 'number') {
    setTime(device, device.facts.updates.timeMs + move)
    return
  }
  if (typeof move === 'object') {
    device.facts.wanted = [item(move.version, both, { ignoreLocks: move.ignoreLocks })]
    return
  }
  const moves = {
    work: () => checkedStep(device),
    lock: () => lock(device, 'robot'),
    unlock: () => lock(device),
    kill: () => checkedKill(device),
  }
  moves[move]()
}

function checkedKill(device: SimulatedDevice): void {
  device.facts.loaded = []
  device.tellAll({ kind: 'interrupted' })
  const served = device.facts.lives[0]?.lastGood
  work(device)
  expect(device.facts.loaded.some((one) => isSameLoad(one.item, served))).toBe(true)
}

test(
  'for any history, a hold stops new downloads, loads and switches, and the served version comes back',
  random,
  () => {
    const anyMove = fc.oneof(
      { weight: 8, arbitrary: fc.constant('work' as const) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 60_000 }) },
      { weight: 1, arbitrary: fc.constantFrom('kill' as const, 'lock' as const, 'unlock' as const) },
      { weight: 1, arbitrary: fc.record({ version: fc.integer({ min: 1, max: 4 }), ignoreLocks: fc.boolean() }) },
    )
    const law = fc.property(fc.array(anyMove, { maxLength: 80 }), (moves) => {
      const device = servingOne()
      for (const move of moves) suffer(device, move)
      lock(device)
      for (let round = 0; round < 20; round++) {
        work(device)
        setTime(device, device.facts.updates.timeMs + 10_000)
        device.facts.nowMs += 10_000
      }
      expect(device.serving(), 'all that is held comes through in the end').toEqual([
        device.facts.wanted?.[0]?.version ?? 0,
      ])
    })
    fc.assert(law, { numRuns: rounds({ quick: 300, deep: 500 }) })
  },
)

function checkedStep(device: SimulatedDevice): void {
  const step = device.next()
  if (!step) return
  const { updates } = device.facts
  const isHeld =
    (step.kind === 'fetch' && !step.isRestore && downloadHold(step.item, updates)) ||
    (step.kind === 'load' && !step.isRestore && installHold(step.item, updates)) ||
    (step.kind === 'golden' && lockHold(step.item, updates))
  expect(isHeld, `${step.kind} while it is held`).toBeFalsy()
  device.execute(step)
}
