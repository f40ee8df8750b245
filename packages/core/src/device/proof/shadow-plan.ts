/** Shadow plan: what a device does next with a version that is a shadow: mirror to it, let it on, or refuse it. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { Cause, ShadowStats } from '@skerry/contract/devices/item'
import type { Shadow } from '@skerry/contract/models/serving'
import { shadowOf } from '../../kinds/kinds.ts'
import { canonicalJson } from '../../values/canonical-json.ts'
import type { ItemLife } from '../item-life.ts'
import { judgeShadow } from './shadow.ts'

/** What a loaded version has been compared by, and since when by a clock that only moves forward. */
export type Mirrored = { sinceMs: number; rules: Shadow; stats: ShadowStats }

export type ShadowPlanFacts = {
  /** The version itself, if it is loaded. */
  own: { shadow?: Mirrored } | undefined
  /** Whether another one answers that it can be compared with. */
  isServed: boolean
  nowMs: number
}

export type ShadowStep =
  /** It gets a copy of the requests from now on. */
  | { kind: 'shadow'; item: DesiredItem; rules: Shadow }
  | { kind: 'shadowed'; item: DesiredItem; shadow?: ShadowStats }
  /** It answered otherwise too often: requests stay with the last good version. */
  | { kind: 'return'; item: DesiredItem; cause: Cause; shadow?: ShadowStats }

/** The next step; none while it is being compared, or held after it has passed. */
export function shadowSteps(life: ItemLife, { own, isServed, nowMs }: ShadowPlanFacts): ShadowStep[] {
  const { target: item, lastGood } = life
  const rules = shadowOf(item)
  if (!rules || !lastGood) return [{ kind: 'shadowed', item }]
  if (!own || !isServed) return []
  const { shadow } = own
  if (!shadow || !isSameMirror(shadow.rules, rules)) return [{ kind: 'shadow', item, rules }]
  const { sinceMs: startedMs, stats } = shadow
  const verdict = judgeShadow({ startedMs, nowMs, stats, rules })
  if (verdict.kind === 'fail') return [{ kind: 'return', item, cause: verdict.cause, shadow: stats }]
  const isNews = !life.isShadowed || !item.hold
  return verdict.kind === 'pass' && isNews ? [{ kind: 'shadowed', item, shadow: stats }] : []
}

/** What is copied and how it is compared; for how long is judged anew at each look. */
const isSameMirror = (one: Shadow, other: Shadow) =>
  one.share === other.share && canonicalJson(one.tolerance ?? null) === canonicalJson(other.tolerance ?? null)

/** When time alone will let it on; later it is the number of answers that is waited for, of which the statistics tell. */
export function shadowEnd(life: ItemLife, { own, nowMs }: ShadowPlanFacts): number | undefined {
  const { state, target, isShadowed } = life
  const rules = shadowOf(target)
  if (state !== 'shadow' || isShadowed || !own?.shadow || !rules) return undefined
  const untilMs = own.shadow.sinceMs + rules.seconds * 1_000
  return untilMs > nowMs ? untilMs : undefined
}
