/** Transfer rate: how quickly bytes move, and how long the rest takes, from how far they had come at some moments. */

/** What had been moved by a moment. */
export type Sample = { atMs: number; bytes: number }

/** Long enough to even out pieces, short enough to notice that a line has become slow. */
const WINDOW_MS = 15_000

/** The samples with one more; older ones than the window are dropped, and one that goes back begins anew. */
export function addSample(samples: readonly Sample[], sample: Sample): Sample[] {
  const last = samples.at(-1)
  if (last && sample.bytes < last.bytes) return [sample]
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= WINDOW_MS), sample]
}

/** Bytes a second over the window; undefined where there is too little to tell. */
export function rateOf(samples: readonly Sample[]): number | undefined {
  const first = samples[0]
  const last = samples.at(-1)
  if (!first || !last || last.atMs <= first.atMs || last.bytes <= first.bytes) return undefined
  return ((last.bytes - first.bytes) * 1_000) / (last.atMs - first.atMs)
}
