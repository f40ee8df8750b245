/**
 * Simulation: 1,000 virtual devices, of which three of ten vanish in each round. Messages come late, twice, from two hubs
 * at once, and from devices that were not selected.
 */
import { CampaignSpec, type ParticipantState } from '@skerry/contract/campaigns/campaign'
import { Digest } from '@skerry/contract/values/digest'
import type { DeviceId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { admitReport } from './admit-report.ts'
import { chooseParticipants, wantedCount } from './choose.ts'
import { beginCourse, type CampaignCourse, isFinalRound, isRoundOver, nextWork, reduceCourse } from './course.ts'

const BASE = Digest.parse(`sha256:${'0'.repeat(64)}`)

const DEVICES = Array.from({ length: 1_000 }, (_, i) => `dev_${i.toString(32).padStart(12, 'a')}` as DeviceId)

/** Shares of the selected devices of a round. */
const VANISH = 0.3
const POISONED = 0.05
const TWICE = 0.2

const MEDIAN_MS = 20_000

type Message = { device: DeviceId; atMs: number; round: number; attempt: number; isSound: boolean }

type Participants = Map<DeviceId, ParticipantState>

/** [mulberry32] */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A heavy tail: one of forty devices needs more than ten times the median. */
const delayMs = (random: () => number) => MEDIAN_MS * (1 / (1 - random()) - 0.9) ** 0.7

function messagesOf(course: CampaignCourse, devices: readonly DeviceId[], random: () => number): Message[] {
  const { round, attempt, sinceMs } = course
  const honest = devices.flatMap((device): Message[] => {
    if (random() < VANISH) return []
    const one = { device, atMs: sinceMs + delayMs(random), round, attempt, isSound: random() >= POISONED }
    return random() < TWICE ? [one, { ...one, atMs: one.atMs + delayMs(random) }] : [one]
  })
  const stranger = DEVICES.find((device) => !devices.includes(device)) as DeviceId
  return [...honest, { device: stranger, atMs: sinceMs + 1, round, attempt, isSound: true }]
}

const REPORT = { kind: 'trained', rows: 10, digest: BASE, before: { rows: 1, correct: 1, lossSum: 0 } } as const

const tallyOf = (participants: Participants) => {
  const count = (...states: ParticipantState[]) =>
    [...participants.values()].filter((one) => states.includes(one)).length
  return { asked: count('asked'), reported: count('counted', 'evaluated'), ended: count('rejected') }
}

type World = {
  spec: CampaignSpec
  course: CampaignCourse
  random: () => number
  attempt: Participants
  waiting: Message[]
  counted: Set<string>
  ended: { round: number; counted: number }[]
  nowMs: number
}

function openWorld(seed: number): World {
  const spec = CampaignSpec.parse({
    name: 'ward',
    model: 'digits',
    rounds: 30,
    deadlineSeconds: 300,
    seed,
    data: { name: 'digits', shape: [4], classes: 3 },
    participants: { minimum: 60, overSelect: 0.8 },
  })
  const random = randomOf(seed)
  const begun = { counted: new Set<string>(), ended: [], waiting: [], attempt: new Map(), nowMs: 0 }
  return { spec, random, course: beginCourse(spec, BASE, 0), ...begun }
}

function select(world: World): void {
  const { spec, course, random, nowMs } = world
  const chance = { seed: spec.seed ?? 0, round: course.round, attempt: course.attempt }
  const devices = chooseParticipants(DEVICES, wantedCount(spec), chance)
  world.attempt = new Map(devices.map((device) => [device, 'asked']))
  world.course = reduceCourse(spec, course, { kind: 'selected', devices, nowMs })
  // Late messages of earlier rounds are still under way.
  const sent = messagesOf(world.course, devices, random)
  world.waiting = [...world.waiting, ...sent].toSorted((a, b) => a.atMs - b.atMs)
}

function collect(world: World): void {
  const { spec, nowMs } = world
  for (let [next] = world.waiting; next && next.atMs <= nowMs; [next] = world.waiting) {
    world.waiting.shift()
    take(world, next)
  }
  const tally = tallyOf(world.attempt)
  // The other hub does the same work at the same time.
  for (const _hub of [1, 2]) world.course = reduceCourse(spec, world.course, { kind: 'tallied', tally, nowMs })
  const { round } = world.course
  if (!isFinalRound(world.course) || !isRoundOver(world.course, tally, nowMs)) return
  world.course = reduceCourse(spec, world.course, { kind: 'evaluated', round, evaluation: undefined, nowMs })
}

function take({ course, attempt, counted }: World, message: Message): void {
  const { device, round, atMs } = message
  const state = attempt.get(device)
  const verdict = admitReport({
    course,
    participant: state && { state },
    round,
    attempt: message.attempt,
    report: course.phase === 'train' ? REPORT : { kind: 'evaluated', evaluation: REPORT.before },
    bytes: { size: 16, wanted: 16, isFinite: message.isSound, isRight: true },
    nowMs: atMs,
  })
  if (verdict.kind !== 'stored') return
  const key = `${round} ${message.attempt} ${device}`
  expect(counted.has(key), `${key} counts twice`).toBe(false)
  counted.add(key)
  attempt.set(device, verdict.state)
}

function aggregate(world: World): void {
  const { spec, course, nowMs } = world
  const { round } = course
  world.ended.push({ round, counted: tallyOf(world.attempt).reported })
  const event = { kind: 'aggregated', round, weights: BASE, evaluation: { accuracy: round / 100 }, nowMs } as const
  world.course = reduceCourse(spec, reduceCourse(spec, course, event), event)
}

function publish(world: World): void {
  world.course = reduceCourse(world.spec, world.course, { kind: 'published', version: 2, nowMs: world.nowMs })
}

const WORK = { select, collect, aggregate, publish, rest() {} } as const

test.each([1, 2, 3, 4, 5])('no round of 1,000 devices hangs, and no update counts twice (seed %i)', (seed) => {
  const world = openWorld(seed)
  for (let step = 0; step < 200_000 && nextWork(world.course) !== 'rest'; step += 1) {
    world.nowMs += 1_000
    WORK[nextWork(world.course)](world)
  }
  expect(world.course).toMatchObject({ phase: 'done', version: 2, round: 31 })
  expect(world.ended.map(({ round }) => round)).toEqual(Array.from({ length: 30 }, (_, at) => at + 1))
  for (const one of world.ended) expect(one.counted).toBeGreaterThanOrEqual(60)
  expect(world.nowMs, 'far less than all deadlines together').toBeLessThan(31 * 300_000)
})
