/**
 * Choose: which candidate becomes the detector. All of them are judged at a threshold that is above each score of their
 * held-out rows, so that none wins by a threshold that is above all faults, or loses by one that is too low.
 */
import type { LearningCandidate, LearningFinding } from '@skerry/contract/learning/learning'

type Worth = Pick<LearningCandidate, 'detected' | 'auc' | 'named' | 'falseAlarms' | 'stability'>

/** Of four or of a hundred false alarms, the threshold was wrong in the same way. */
const FALSE_ALARMS_MAX = 3

/** Scores that have doubled or halved twice wander, and it does not matter how much further. */
const WANDER_MAX = Math.log(4)

/**
 * Detection counts most, then the order of scores, then the names. False alarms at the first threshold and scores that
 * wander decide between candidates that find the same faults.
 */
export function worthOf({ detected, auc, named, falseAlarms, stability }: Worth): number {
  const shares = Object.values(detected)
  const found = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)
  const wander = Math.min(WANDER_MAX, Math.abs(Math.log(Math.max(1e-3, stability))))
  return 2 * found + auc + 0.5 * named - 0.05 * Math.min(FALSE_ALARMS_MAX, falseAlarms) - 0.1 * wander
}

/** A detector that separates fewer planted faults from normal rows would only calm people. */
const AUC_MIN = 0.7

type Tried = { candidate: LearningCandidate }
type Choice<Of> = { best: Of; finding?: undefined } | { best?: undefined; finding: LearningFinding }

/**
 * Scores that have grown by half within the recording go on growing where levels wander, as outdoors. On sensor motes such
 * a candidate found all planted faults, and had an AUC of 0.52 on real events.
 */
const GROWTH_MAX = 1.5

/** Of fewer held-out windows, the median says little: they may be of one state of the machine. */
const SETTLED_WINDOWS = 300

/** A candidate that has not settled is chosen only if no other one is useful. */
const isSettled = ({ stability, heldOutRows }: Pick<LearningCandidate, 'stability' | 'heldOutRows'>): boolean =>
  heldOutRows < SETTLED_WINDOWS || stability <= GROWTH_MAX

/** A person who accepts a weak detector gets the best one, which the hub never deploys by itself. */
export function chooseCandidate<Of extends Tried>(tried: readonly Of[], accept: readonly string[]): Choice<Of> {
  const isAccepted = accept.includes('detector_weak')
  const useful = tried.filter(({ candidate }) => isAccepted || findsFaults(candidate))
  const settled = useful.filter(({ candidate }) => isSettled(candidate) && candidate.auc >= AUC_MIN)
  const best = (settled.length > 0 ? settled : useful).toSorted(
    (a, b) => worthOf(b.candidate) - worthOf(a.candidate),
  )[0]
  if (!best) return { finding: NOTHING_FOUND }
  if (best.candidate.auc < AUC_MIN && !isAccepted) return { finding: weak(best.candidate) }
  return { best }
}

/** A candidate without false alarms could otherwise be chosen, although its threshold is above all faults. */
export const findsFaults = ({ detected }: Pick<LearningCandidate, 'detected'>): boolean =>
  Object.values(detected).some((share) => share > 0)

const NOTHING_FOUND: LearningFinding = {
  code: 'detector_weak',
  message: 'no candidate finds any of the planted faults at the threshold for the wished rate of false alarms',
  advice:
    'learn for a longer time, add tags that move together with these, or allow more false alarms; --accept detector_weak publishes the best one without a deployment',
}

const weak = ({ auc }: LearningCandidate): LearningFinding => ({
  code: 'detector_weak',
  message: `the best candidate separates planted faults from normal rows with an AUC of ${auc.toFixed(2)}, and ${AUC_MIN} is the least`,
  advice: 'add tags that move together with these, learn for a longer time, or take a row more often',
})
