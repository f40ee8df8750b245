/** Transfer rate: the speed of a transfer and its remaining time, from the progress at some moments. */

/** The total of transferred bytes at a moment. */
export type Sample = { atMs: number; bytes: number }

/** Long enough to even out pieces, short enough to notice a line that has become slow. */
const WINDOW_MS = 15_000

/** The samples with one more. Samples older than the window are dropped, and a smaller total begins anew. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1)
  if (last && sample.bytes < last.bytes) return [sample]
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= WINDOW_MS), sample]
}

/** Bytes a second over the window; undefined if there are too few samples. */
export function rateOf(samples: readonly Sample[]): number | undefined {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.atMs <= first.atMs || last.bytes <= first.bytes) return undefined
  return ((last.bytes - first.bytes) * 1_000) / (last.atMs - first.atMs)
}
