/** Fidelity text: the worst output of a build, as numbers and as text. */
import type { OutputFidelity } from '@skerry/contract/builds/build'

export type Worst = { agreement: number | undefined; difference: number | undefined }

/** The least agreement and the largest difference of all outputs. Undefined if no output has one. */
export function worstOf(fidelity: readonly OutputFidelity[] = []): Worst {
  const agreements = fidelity.flatMap(({ agreement }) => (agreement === undefined ? [] : [agreement]))
  return {
    agreement: agreements.length === 0 ? undefined : Math.min(...agreements),
    difference: fidelity.length === 0 ? undefined : Math.max(...fidelity.map(({ difference }) => difference)),
  }
}

/** `0.998`; a dash if there is none. Only an agreement of exactly 1 reads as 1. */
export function agreementText(agreement: number | undefined): string {
  if (agreement === undefined) return '–'
  return agreement === 1 ? '1' : String(Math.min(0.9999, Number(agreement.toFixed(4))))
}

/** `0.031 σ`; a dash if there is none. */
export const differenceText = (difference: number | undefined): string =>
  difference === undefined ? '–' : `${Number(difference.toPrecision(2))} σ`

/** `0.27`: the part of the version's bytes. */
export const shareText = (part: number | undefined, whole: number): string =>
  part === undefined || whole === 0 ? '–' : (part / whole).toFixed(2)
