/**
 * Item lives: the history of one model on a device, as lives. A life is one version on its way, from desired to active
 * or failed. Reports are coalesced, so the hub may not have seen a step. The page reports such a gap and never fills it
 * in.
 */
import type { DeviceEvent, ItemStanding } from '@skerry/contract/devices/device-event'
import type { Cause, ItemReport, ItemState } from '@skerry/contract/devices/item'
import { standingOf } from '@skerry/core/devices/device-events'

/** [Design, 5] The steps of an item. `failed` may follow each of them. */
export const STEPS = [
  'fetching',
  'verifying',
  'loading',
  'golden',
  'shadow',
  'ready',
  'probation',
  'active',
] as const satisfies ItemState[]

/** A life has these steps only if its deployment requests them. They are drawn once they were seen. */
const ASKED_FOR: ReadonlySet<ItemState> = new Set(['shadow', 'ready'])

/** A state that a report showed. */
export type Seen = {
  state: ItemState
  /** When the hub received it. */
  heardAtMs: number | undefined
  /** The time when it began, by the device's clock. */
  sinceMs: number
  cause?: Cause | undefined
}

export type Life = {
  /** Its place in the history of the model. */
  key: string
  version: number
  deploymentId: ItemStanding['deploymentId']
  /** The states of its last attempt, in order. */
  seen: Seen[]
  end: ItemStanding
  /** The number of starts. There is more than one if a reboot or a kill interrupted it. */
  attempts: number
  /** True if it was the last good version before. A rollback to it needs no steps. */
  isReturn: boolean
  /** The time when the next life began or the model was removed; absent while it continues. */
  endedAtMs?: number
}

/** The lives of the model in the events, newest first. The first life continues if the item still exists. */
export function livesOf(events: readonly DeviceEvent[], model: string): Life[] {
  const lives: Life[] = []
  for (const { sequence, atMs, change } of events.toReversed()) {
    if (change.kind !== 'item' || change.name !== model) continue
    const { after } = change
    const open = lives[0]?.endedAtMs === undefined ? lives[0] : undefined
    if (open && after && isSameLife(open.end, after)) {
      enter(open, after, atMs)
      continue
    }
    if (open) open.endedAtMs = atMs
    if (after) lives.unshift(begin(after, { key: `life-${sequence}`, atMs, lives }))
  }
  return lives
}

/** The current life. If the history does not reach back to it, it is made of the item alone. */
export function currentLife(lives: readonly Life[], item: ItemReport): Life {
  const standing = standingOf(item)
  const [newest] = lives
  if (newest && newest.endedAtMs === undefined && isSameLife(newest.end, standing)) return newest
  return begin(standing, { key: 'life-now', atMs: undefined, lives })
}

/**
 * True if the version failed here and was not tried since. The device does not try it again until a person requests it.
 */
export function isRemembered(life: Life, lives: readonly Life[]): boolean {
  if (life.end.state !== 'failed') return false
  const later = lives.slice(0, lives.indexOf(life))
  return later.every(({ version }) => version !== life.version)
}

/**
 * When the life ended, as far as reports show it. A failed version stays failed until another one is deployed, so its
 * end is the report of its failure.
 */
export function endedAtMs({ end, seen, endedAtMs: replacedAtMs }: Life): number | undefined {
  if (end.state !== 'failed') return replacedAtMs ?? seen.at(-1)?.heardAtMs
  return seen.findLast(({ state }) => state === 'failed')?.heardAtMs
}

const isSameLife = (one: ItemStanding, other: ItemStanding) =>
  one.version === other.version && one.retryToken === other.retryToken && one.deploymentId === other.deploymentId

const isGood = ({ seen, end }: Life) => end.state === 'active' || seen.some(({ state }) => state === 'active')

type Beginning = { key: string; atMs: number | undefined; lives: readonly Life[] }

function begin(after: ItemStanding, { key, atMs, lives }: Beginning): Life {
  const { version, deploymentId } = after
  const isReturn = after.state === 'active' && lives.some((life) => life.version === version && isGood(life))
  return { key, version, deploymentId, seen: [seenOf(after, atMs)], end: after, attempts: 1, isReturn }
}

function enter(life: Life, after: ItemStanding, atMs: number): void {
  const before = rankOf(life.end.state)
  const now = rankOf(after.state)
  life.end = after
  if (now < before) {
    life.attempts += 1
    life.seen = []
  }
  const last = life.seen.at(-1)
  // The same state with another cause: it now waits for something else.
  if (last?.state === after.state && last.sinceMs === after.sinceMs) last.cause = after.cause
  else life.seen.push(seenOf(after, atMs))
}

const seenOf = ({ state, sinceMs, cause }: ItemStanding, heardAtMs: number | undefined): Seen => ({
  state,
  heardAtMs,
  sinceMs,
  ...(cause && { cause }),
})

const ORDER: readonly ItemState[] = ['absent', ...STEPS, 'failed', 'retiring']
const rankOf = (state: ItemState) => ORDER.indexOf(state)

export type LifeStep = {
  state: ItemState
  /**
   * `passed`: a later step was reported, but not this one. `ahead`: the item has not reached it yet. `failed`: the step
   * that the version failed in, and the state `failed` itself.
   */
  how: 'done' | 'now' | 'passed' | 'ahead' | 'failed'
  seen?: Seen
  /** Its duration by the device's clock, if the next step was seen too. */
  tookMs?: number
}

/** The steps of a life as they are drawn. `lifecycle` has the steps that its kind can pass. */
export function stepsOf({ seen, end, isReturn }: Life, lifecycle: readonly ItemState[] = STEPS): LifeStep[] {
  const last = seen.at(-1)
  if (end.state === 'retiring' || (isReturn && end.state === 'active'))
    return last ? [stepOf(last, 'now', undefined)] : []
  const bySeen = new Map(seen.map((each) => [each.state, each]))
  const hasFailed = end.state === 'failed'
  const broke = hasFailed ? failedAt(end.cause) : undefined
  const isUsual = (state: ItemState) => lifecycle.includes(state) && !ASKED_FOR.has(state)
  const line = STEPS.filter((state) => isUsual(state) || bySeen.has(state) || state === broke)
  const stepIndex = (state: ItemState | undefined) => (line as (ItemState | undefined)[]).indexOf(state)
  const reached = Math.max(...seen.map(({ state }) => stepIndex(state)), stepIndex(broke))
  const shown = hasFailed ? line.slice(0, reached + 1) : line
  const steps = shown.map((state, index): LifeStep => {
    const found = bySeen.get(state)
    if (index > reached) return { state, how: 'ahead' }
    if (!found) return { state, how: 'passed' }
    const next = bySeen.get(index === reached && hasFailed ? 'failed' : (line[index + 1] ?? state))
    return stepOf(found, index === reached && !hasFailed ? 'now' : 'done', index < line.length - 1 ? next : undefined)
  })
  const failure = bySeen.get('failed')
  return failure ? [...withBroken(steps, broke), stepOf(failure, 'failed', undefined)] : steps
}

/**
 * The steps with the last one marked as failed. A cause of an earlier step does not mark it, because the reports
 * contradict that cause.
 */
function withBroken(steps: LifeStep[], broke: ItemState | undefined): LifeStep[] {
  const last = steps.at(-1)
  if (!last || (broke ?? last.state) !== last.state) return steps
  return [...steps.slice(0, -1), { ...last, how: 'failed' }]
}

/**
 * The only step in which each cause can occur. The line ends there even if no report showed the step. A version with
 * another cause failed in the last step that a report showed.
 */
const FAILED_AT: readonly [RegExp, ItemState][] = [
  [/^(version_damaged|format_unsupported|signature_)/, 'verifying'],
  [/^(model_load_failed|flow_unreadable)$/, 'loading'],
  [/^(golden_|flow_trial_failed$)/, 'golden'],
  [/^shadow_/, 'shadow'],
  [/^probation_failed$/, 'probation'],
]

const failedAt = (cause: Cause | undefined): ItemState | undefined =>
  FAILED_AT.find(([codes]) => cause !== undefined && codes.test(cause.code))?.[1]

function stepOf(seen: Seen, how: LifeStep['how'], next: Seen | undefined): LifeStep {
  const tookMs = next && next.sinceMs - seen.sinceMs
  return { state: seen.state, how, seen, ...(tookMs !== undefined && tookMs >= 0 && { tookMs }) }
}
