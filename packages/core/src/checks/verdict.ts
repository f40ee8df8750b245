/** Verdict: whether a check of a model passed, with the measured values and the limit in words. */
import type { CheckOutcome } from '@skerry/contract/checks/check-result'
import { numberText } from '../captures/prediction.ts'

export type Verdict = Pick<CheckOutcome, 'passed' | 'measured' | 'limit'>

/** One measured value with its limit, in one unit. */
export type Limited = { label: string; value: number; unit?: string } & ({ atMost: number } | { atLeast: number })

/** All values must be finite and within their limits. */
export function verdictOf(values: readonly Limited[]): Verdict {
  const text = (label: string, value: number, unit = '') => `${label} ${numberText(value)}${unit}`
  return {
    passed: values.every(isWithinLimit),
    measured: values.map(({ label, value, unit }) => text(label, value, unit)).join(', '),
    limit: values
      .map((one) =>
        'atMost' in one
          ? `${text(one.label, one.atMost, one.unit)} at most`
          : `${text(one.label, one.atLeast, one.unit)} at least`,
      )
      .join(', '),
  }
}

const isWithinLimit = (one: Limited) =>
  Number.isFinite(one.value) && ('atMost' in one ? one.value <= one.atMost : one.value >= one.atLeast)
