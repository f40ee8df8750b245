/**
 * Crash blame: what the end of a runner means for each item. A version fails only by its own behaviour: it was being loaded, or the only one that
 * ran. Where several ran, each is suspected. Trouble of the machine, such as a port in use, and a clean stop are held against none.
 */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause } from '@skerry/contract/devices/item'
import { type ItemEvent, type ItemLife, isActivating, isProving, isSameLoad } from './item-life.ts'

/**
 * crashed, hung: by something in it. killed: from outside, or for want of memory. refused: it could not begin, for a reason outside of it, or was ended
 * for a version that is not in it any more. stopped: it was asked to.
 */
export type RunnerEndKind = 'crashed' | 'killed' | 'hung' | 'stopped' | 'refused'

export type RunnerCrash = {
  kind: RunnerEndKind
  message: string
  /** Loaded, or answering golden inputs; like the others, in the process that ended. */
  busyWith: DesiredItem | undefined
  /** In native code at that moment. */
  running: readonly DesiredItem[]
  /** In its memory at all. */
  loaded: readonly DesiredItem[]
}

export type Blame = { item: DesiredItem; event: ItemEvent }

/** What each record is told, in order. */
export function blameCrash(lives: readonly ItemLife[], crash: RunnerCrash): Blame[] {
  if (crash.kind === 'stopped') return []
  const suspects = suspectsOf(crash)
  return lives.flatMap((life) => [...suspicionsOf(life, suspects, crash), ...activationBlame(life, suspects, crash)])
}

/** Without a mark of any, nothing is known of who ran. */
function suspectsOf({ kind, busyWith, running }: RunnerCrash): DesiredItem[] {
  if (kind !== 'crashed' && kind !== 'hung') return []
  const isMarked = busyWith === undefined || running.some((item) => isSame(item, busyWith))
  return isMarked ? [...running] : [...running, busyWith]
}

/** A version that fails for it needs no suspicion beside. */
function suspicionsOf(life: ItemLife, suspects: DesiredItem[], { message, busyWith }: RunnerCrash): Blame[] {
  const isCertain = suspects.length === 1
  return suspects
    .filter((item) => item.name === life.target.name)
    .filter((item) => !(isActivating(life) && isSameLoad(life.target, item) && isCertain))
    .filter((item) => !(busyWith && isSame(item, busyWith) && isLoadingAgain(life, item)))
    .map((item) => ({ item, event: { kind: 'suspected', digest: item.digest, message, isCertain } }))
}

/** The load itself is not repeated at once, which is enough for a version that has proved itself. */
const isLoadingAgain = (life: ItemLife, item: DesiredItem) => !isActivating(life) && isSameLoad(life.lastGood, item)

function activationBlame(life: ItemLife, suspects: DesiredItem[], crash: RunnerCrash): Blame[] {
  if (!isActivating(life)) return []
  const item = life.target
  const wasIn = [...crash.loaded, ...(crash.busyWith ? [crash.busyWith] : [])].some((one) => isSame(one, item))
  const isSuspect = suspects.some((one) => isSame(one, item))
  // Where nobody knows who ran, those that prove themselves in it are the likeliest.
  const isGuilty = suspects.length === 0 ? wasIn && isBlindGuess(life, crash) : isSuspect && suspects.length === 1
  if (isGuilty) return [{ item, event: { kind: 'runner-crashed', cause: crashCause(life, crash.message) } }]
  const isBlameless = crash.kind === 'refused' || suspects.length > 0 || !wasIn
  return [{ item, event: { kind: 'interrupted', ...(isBlameless ? { isBlameless } : {}) } }]
}

const isBlindGuess = (life: ItemLife, { kind }: RunnerCrash) =>
  (kind === 'crashed' || kind === 'hung') && isProving(life)

const isSame = (one: DesiredItem, other: DesiredItem) => one.name === other.name && isSameLoad(one, other)

/** Why a version failed that died while it proved itself. */
export const crashCause = ({ state }: Pick<ItemLife, 'state'>, how: string): Cause => ({
  code: 'model_crashed',
  message: `${how} while the version was in the state ${state}`.slice(0, 1_000),
})
