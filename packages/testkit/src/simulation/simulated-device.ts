/**
 * Simulated device: carries out the steps of a device plan by changing facts, as the agent does by changing the world.
 * For tests of the plan's laws, and for fleets too large to run as processes.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ShadowStats } from '@skerry/contract/devices/item'
import type { Digest } from '@skerry/contract/values/digest'
import { type DeviceFacts, type LoadedVersion, type PlanStep, planDevice } from '@skerry/core/device/device-plan'
import { type ItemEvent, isSameLoad, newItemLife, stepItem } from '@skerry/core/device/item-life'
import { assertNever } from '@skerry/core/values/assert-never'

const GB = 1e9
const NO_STATS = { requests: 0, failures: 0 }

/** Why a version that was declared bad fails. */
export const WRONG_ANSWERS = { code: 'golden_mismatch', message: 'other numbers' }

type Optional = 'wanted' | 'rejected' | 'loaded' | 'flows' | 'place' | 'machine'
export type SimulatedFacts = {
  -readonly [Key in Exclude<keyof DeviceFacts, Optional | 'blobs' | 'parts' | 'waits'>]: DeviceFacts[Key]
} & {
  blobs: Map<Digest, number>
  parts: Map<Digest, number>
  waits: Map<string, number>
  wanted: readonly DesiredItem[] | undefined
  loaded: readonly LoadedVersion[] | undefined
  rejected?: NonNullable<DeviceFacts['rejected']>
  machine?: NonNullable<DeviceFacts['machine']>
}

export type SimulatedDevice = {
  /** Change them to break the device in the ways that real ones break. */
  facts: SimulatedFacts
  read(): DeviceFacts
  tellAll(event: ItemEvent): void
  next(): PlanStep | undefined
  /** Does the step; the versions in `bad` fail their golden inputs, and those whose negative is in it as a shadow. */
  execute(step: PlanStep, bad?: ReadonlySet<number>): void
  /** Works until nothing is left to do, and lets time pass when a step waits for it. Gives the steps that were done. */
  settle(bad?: ReadonlySet<number>): PlanStep['kind'][]
  /** Versions of the model that answer requests. */
  serving(model?: string): number[]
}

/** A device with an empty disk, a running runner and no intent. */
export function simulateDevice(): SimulatedDevice {
  const facts: SimulatedFacts = {
    lives: [],
    wanted: undefined,
    blobs: new Map(),
    parts: new Map(),
    freeBytes: GB,
    floorBytes: 1_000,
    memoryAvailableBytes: GB,
    loaded: [],
    nowMs: 0,
    waits: new Map(),
    updates: { timeMs: 0, windowStart: () => ({ ok: true }), locks: [] },
  }
  const read = (): DeviceFacts => {
    const { wanted, loaded, ...rest } = facts
    return { ...rest, ...(wanted ? { wanted } : {}), ...(loaded ? { loaded } : {}) }
  }
  const execute = (step: PlanStep, bad: ReadonlySet<number> = new Set()) => carryOut(facts, step, bad)
  const next = () => {
    const { act, fetch } = planDevice(read())
    return act[0] ?? fetch[0]
  }
  const settle = (bad?: ReadonlySet<number>) => {
    const done: PlanStep['kind'][] = []
    for (let pass = 0; pass < 500; pass++) {
      const { act, fetch, wakeMs } = planDevice(read())
      const step = act[0] ?? fetch[0]
      if (!step && wakeMs === undefined) return done
      if (step) execute(step, bad)
      if (step) done.push(step.kind)
      else facts.nowMs = wakeMs ?? facts.nowMs
    }
    throw new Error(`the device never settles: ${done.slice(-10)}`)
  }
  const serving = (model = 'm') =>
    (facts.loaded ?? [])
      .filter(({ item, servingSinceMs }) => item.name === model && servingSinceMs !== undefined)
      .map(({ item }) => item.version)
  return {
    facts,
    read,
    execute,
    next,
    settle,
    serving,
    tellAll: (event) => {
      for (const { target } of facts.lives) tell(facts, target, event)
    },
  }
}

function carryOut(facts: SimulatedFacts, step: PlanStep, bad: ReadonlySet<number>): void {
  switch (step.kind) {
    case 'collect':
      collect(facts, step.digests, step.parts)
      break
    case 'fetch':
      fetch(facts, step.item)
      break
    case 'load':
      load(facts, step)
      break
    case 'switch':
      facts.loaded = (facts.loaded ?? []).map((loaded) => switched(loaded, step.item, facts.nowMs))
      break
    case 'unload':
      facts.loaded = (facts.loaded ?? []).filter(({ item }) => !isSame(item, step.item))
      break
    case 'forget':
      facts.lives = facts.lives.filter(({ target }) => target.name !== step.item.name)
      break
    case 'target':
      target(facts, step)
      break
    case 'refuse':
      tell(facts, step.item, { kind: 'fetch-started' })
      tell(facts, step.item, { kind: 'failed', cause: step.cause })
      break
    case 'golden':
      tell(facts, step.item, goldenEvent(step.item, bad))
      break
    case 'return':
      tell(facts, step.item, { kind: 'failed', cause: step.cause, ...shadowOf(step) })
      break
    case 'shadow':
      facts.loaded = mirrored(facts, step, bad)
      break
    case 'shadowed':
      tell(facts, step.item, { kind: 'shadow-passed', ...shadowOf(step) })
      break
    case 'release':
    case 'begin':
    case 'fetched':
    case 'verify':
    case 'defer':
    case 'resume':
    case 'commit':
    case 'retire':
      tell(facts, step.item, { kind: EVENT_OF[step.kind] })
      break
    default:
      assertNever(step)
  }
}

function load(facts: SimulatedFacts, { item, isRestore }: Extract<PlanStep, { kind: 'load' }>): void {
  facts.loaded = [...(facts.loaded ?? []), { item, stats: NO_STATS }]
  if (!isRestore) tell(facts, item, { kind: 'loaded' })
}

const mirrored = ({ loaded = [], nowMs }: SimulatedFacts, step: ShadowStep, bad: ReadonlySet<number>) =>
  loaded.map((one) => (isSame(one.item, step.item) ? { ...one, shadow: shadowing(step, nowMs, bad) } : one))

type ShadowStep = Extract<PlanStep, { kind: 'shadow' }>

const shadowOf = ({ shadow }: { shadow?: ShadowStats }) => (shadow ? { shadow } : {})

/** Answers are compared as soon as it begins; those of a version whose negative is in `bad` are wrong. */
function shadowing(
  { item, rules }: ShadowStep,
  nowMs: number,
  bad: ReadonlySet<number>,
): NonNullable<LoadedVersion['shadow']> {
  const mismatched = bad.has(-item.version) ? rules.minCompared : 0
  const matched = rules.minCompared - mismatched
  return {
    sinceMs: nowMs,
    rules,
    stats: { compared: rules.minCompared, matched, mismatched, errors: 0, dropped: 0 },
  }
}

const goldenEvent = ({ version }: DesiredItem, bad: ReadonlySet<number>): ItemEvent =>
  bad.has(version) ? { kind: 'failed', cause: WRONG_ANSWERS } : { kind: 'golden-passed' }

const EVENT_OF = {
  release: 'released',
  begin: 'fetch-started',
  fetched: 'fetched',
  verify: 'verified',
  defer: 'deferred',
  resume: 'resumed',
  commit: 'probation-passed',
  retire: 'retired',
} as const

function tell(facts: SimulatedFacts, { name: model }: DesiredItem, event: ItemEvent): void {
  facts.lives = facts.lives.map((life) => (life.target.name === model ? stepItem(life, event, facts.nowMs) : life))
}

function target(facts: SimulatedFacts, { item, isWarm = false }: Extract<PlanStep, { kind: 'target' }>): void {
  const isKnown = facts.lives.some((life) => life.target.name === item.name)
  if (isKnown) tell(facts, item, { kind: 'targeted', item, isWarm })
  else facts.lives = [...facts.lives, newItemLife(item, facts.nowMs)]
}

function fetch(facts: SimulatedFacts, { files }: DesiredItem): void {
  for (const { digest, sizeBytes } of files) {
    facts.freeBytes -= facts.blobs.has(digest) ? 0 : sizeBytes
    facts.blobs.set(digest, sizeBytes)
  }
}

function collect(facts: SimulatedFacts, digests: readonly Digest[], parts: readonly Digest[]): void {
  for (const digest of digests) {
    facts.freeBytes += facts.blobs.get(digest) ?? 0
    facts.blobs.delete(digest)
  }
  for (const digest of parts) facts.parts.delete(digest)
}

function switched(loaded: LoadedVersion, item: DesiredItem, nowMs: number): LoadedVersion {
  if (loaded.item.name !== item.name) return loaded
  const { servingSinceMs: _, shadow: __, ...rest } = loaded
  return isSame(rest.item, item) ? { ...rest, servingSinceMs: nowMs, stats: NO_STATS } : rest
}

const isSame = (one: DesiredItem, other: DesiredItem) => one.name === other.name && isSameLoad(one, other)
