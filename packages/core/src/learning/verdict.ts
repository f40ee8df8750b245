/** Verdict: the kinds of planted faults that a detector finds too seldom. Such a detector goes live by a person only. */
import type { LearningFinding, LearningOutcome } from '@skerry/contract/learning/learning'

/** Of a kind of fault that is found less often, most alarms never come. */
export const FOUND_SHARE_MIN = 0.5

export const FAULTS_MISSED = 'faults_missed'

type Judged = Pick<LearningOutcome, 'candidates' | 'chosen'>

/** The kinds with the share that was found, the least first. */
export function missedFaults({ candidates, chosen }: Judged): { kind: string; share: number }[] {
  const detected = candidates.find(({ kind }) => kind === chosen)?.detected ?? {}
  return Object.entries(detected)
    .map(([kind, share]) => ({ kind, share }))
    .filter(({ share }) => share < FOUND_SHARE_MIN)
    .toSorted((a, b) => a.share - b.share)
}

/** Undefined if the detector finds each kind often enough. */
export function verdictOf(judged: Judged): LearningFinding | undefined {
  const missed = missedFaults(judged)
  if (missed.length === 0) return undefined
  const kinds = missed.map(({ kind, share }) => `${kind} (found ${percent(share)})`)
  return {
    code: FAULTS_MISSED,
    message: `does not find: ${kinds.join(', ')}. At least ${percent(FOUND_SHARE_MIN)} of each kind of planted fault is asked`,
    advice:
      'learn for a longer time, add tags that move together with these, or allow more false alarms; or deploy the versions if the other kinds are enough',
  }
}

const percent = (share: number) => `${Math.round(100 * share)} %`
