/**
 * Item lives: the history of one model on a device, told as lives: each is one version on its way, from wanted to active or failed. Reports
 * are coalesced, so a step may have been passed without being seen; that is said, and never filled in.
 */
import type { DeviceEvent, ItemStanding } from '@skerry/contract/devices/device-event'
import type { Cause, ItemReport, ItemState } from '@skerry/contract/devices/item'
import { standingOf } from '@skerry/core/devices/device-events'

/** [Design, 5] The way of an item; `failed` may follow each of its steps. */
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

/** Steps that a life has only where its deployment asks for them: they are drawn once they were seen. */
const ASKED_FOR: ReadonlySet<ItemState> = new Set(['shadow', 'ready'])

/** A state that a report showed. */
export type Seen = {
  state: ItemState
  /** When the hub heard of it. */
  heardAtMs: number | undefined
  /** When it began, by the device's clock. */
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
  /** How often it began: more than once where a reboot or a kill cut it short. */
  attempts: number
  /** It was the last good version before, so that going back to it took no steps. */
  isReturn: boolean
  /** When the next one began, or the model was gone; absent where it goes on. */
  endedAtMs?: number
}

/** The lives of the model that the events tell of, newest first; the first goes on where the item is still there. */
export function livesOf(events: readonly DeviceEvent[], model: string): Life[] {
  const lives: Life[] = []
  for (const { sequence, atMs, change } of events.toReversed()) {
    if (change.kind !== 'item' || change.model !== model) continue
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

/** The life that goes on; made of the item alone where the history does not reach back to it. */
export function currentLife(lives: readonly Life[], item: ItemReport): Life {
  const standing = standingOf(item)
  const [newest] = lives
  if (newest && newest.endedAtMs === undefined && isSameLife(newest.end, standing)) return newest
  return begin(standing, { key: 'life-now', atMs: undefined, lives })
}

/** What failed here and was not tried since: the device does not try it again until somebody says so. */
export function isRemembered(life: Life, lives: readonly Life[]): boolean {
  if (life.end.state !== 'failed') return false
  const later = lives.slice(0, lives.indexOf(life))
  return later.every(({ version }) => version !== life.version)
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
  // The same state with another cause: it waits for something else now.
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

export type Step = {
  state: ItemState
  /** passed: no report showed it, and a later one was. ahead: it has not come to it. */
  how: 'done' | 'now' | 'passed' | 'ahead' | 'failed'
  seen?: Seen
  /** How long it took, by the device's clock; where the next step was seen too. */
  tookMs?: number
}

/** The steps of a life as they are drawn. */
export function stepsOf({ seen, end, isReturn }: Life): Step[] {
  const last = seen.at(-1)
  if (end.state === 'retiring' || (isReturn && end.state === 'active'))
    return last ? [stepOf(last, 'now', undefined)] : []
  const bySeen = new Map(seen.map((each) => [each.state, each]))
  const hasFailed = end.state === 'failed'
  const broke = hasFailed ? failedAt(end.cause) : undefined
  const line = STEPS.filter((state) => !ASKED_FOR.has(state) || bySeen.has(state) || state === broke)
  const stepIndex = (state: ItemState | undefined) => (line as (ItemState | undefined)[]).indexOf(state)
  const reached = Math.max(...seen.map(({ state }) => stepIndex(state)), stepIndex(broke))
  const shown = hasFailed ? line.slice(0, reached + 1) : line
  const steps = shown.map((state, index): Step => {
    const found = bySeen.get(state)
    if (index > reached) return { state, how: 'ahead' }
    if (!found) return { state, how: 'passed' }
    const next = bySeen.get(index === reached && hasFailed ? 'failed' : (line[index + 1] ?? state))
    return stepOf(found, index === reached && !hasFailed ? 'now' : 'done', index < line.length - 1 ? next : undefined)
  })
  const failure = bySeen.get('failed')
  return failure ? [...steps, stepOf(failure, 'failed', undefined)] : steps
}

/** Where a cause can only have come up, so that the line ends there even when no report showed the step. */
const FAILED_AT: readonly [RegExp, ItemState][] = [
  [/^(version_damaged|format_unsupported|signature_)/, 'verifying'],
  [/^model_load_failed$/, 'loading'],
  [/^golden_/, 'golden'],
  [/^shadow_/, 'shadow'],
  [/^probation_failed$/, 'probation'],
]

const failedAt = (cause: Cause | undefined): ItemState | undefined =>
  FAILED_AT.find(([codes]) => cause !== undefined && codes.test(cause.code))?.[1]

function stepOf(seen: Seen, how: Step['how'], next: Seen | undefined): Step {
  const tookMs = next && next.sinceMs - seen.sinceMs
  return { state: seen.state, how, seen, ...(tookMs !== undefined && tookMs >= 0 && { tookMs }) }
}
