/** Rules draft: approval rules as a person edits them, and the effect of the edit. */
import type { ApprovalRules } from '@skerry/contract/approvals/approval'
import { durationWords } from '@skerry/core/values/duration'
import { approvalRuleTexts as words } from './english-rules.ts'

export const SWITCHES = ['batches', 'roles', 'audit', 'access'] as const

/** From one shift to the longest life that the hub accepts. */
const LIVES_SECONDS = [3_600, 8 * 3_600, 86_400, 3 * 86_400, 7 * 86_400]

/** The offered lifetimes, with the stored one: somebody may have set another value on the command line. */
export const livesWith = (kept: number): Readonly<Record<string, string>> =>
  Object.fromEntries([...new Set([...LIVES_SECONDS, kept])].map((seconds) => [seconds, durationWords(seconds)]))

/** A selector of white space counts as none. */
export function rulesOf({ deployments, moderated, ...others }: ApprovalRules): ApprovalRules {
  const selector = deployments?.trim() ?? ''
  const watched = moderated === undefined || moderated === false ? moderated : moderated.trim()
  return {
    ...others,
    ...(selector !== '' && { deployments: selector }),
    // An absent rule stays as it is, so an emptied one is switched off.
    ...(watched !== undefined && { moderated: watched !== '' && watched }),
  }
}

export const isSameRules = (kept: ApprovalRules, wanted: ApprovalRules): boolean =>
  kept.deployments === wanted.deployments &&
  (kept.moderated || undefined) === (wanted.moderated || undefined) &&
  kept.expiresInSeconds === wanted.expiresInSeconds &&
  SWITCHES.every((name) => (kept[name] ?? false) === (wanted[name] ?? false))

/** Describes the rules that the change switches on, the rules that it switches off, and every other change. */
export function leadOf(kept: ApprovalRules, wanted: ApprovalRules): string {
  const named = ({ deployments, ...rules }: ApprovalRules) => [
    ...(deployments === undefined ? [] : [words.productionName]),
    ...(rules.moderated ? [words.moderatedName] : []),
    ...SWITCHES.filter((name) => rules[name]).map((name) => words.switches[name][0].toLowerCase()),
  ]
  const before = named(kept)
  const after = named(wanted)
  const on = after.filter((name) => !before.includes(name))
  const off = before.filter((name) => !after.includes(name))
  const isOther =
    kept.deployments !== undefined && wanted.deployments !== undefined && kept.deployments !== wanted.deployments
  return [
    off.length > 0 && words.off(off),
    on.length > 0 && words.on(on),
    isOther && words.productionOther,
    kept.moderated && wanted.moderated && kept.moderated !== wanted.moderated && words.moderatedOther,
    kept.expiresInSeconds !== wanted.expiresInSeconds &&
      words.waits(durationWords(kept.expiresInSeconds), durationWords(wanted.expiresInSeconds)),
  ]
    .filter((part) => typeof part === 'string')
    .join(' ')
}
