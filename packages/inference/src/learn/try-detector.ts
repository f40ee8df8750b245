/** Try detector: the answers of a detector to recorded rows, at each row in the order of time. */
import type { ShadowPoint } from '@skerry/core/learning/shadow'
import { runDetector } from '@skerry/onnx/learn/learn'
import type { RunModel } from '@skerry/onnx/learn/run-model'
import { windowEnds, windowValues } from '@skerry/onnx/learn/windows'
import type { Recording } from './recorded-rows.ts'

/** Windows of one run: 32 tags of 64 rows take 8 MB. */
const CHUNK = 1_024

export type Trying = { model: Uint8Array; samples: number; recording: Pick<Recording, 'rows' | 'timesMs'> }

/** A row at which no whole window ends has no score. A gap has no time, and so no answer. */
export async function tryDetector(run: RunModel, { model, samples, recording }: Trying): Promise<ShadowPoint[]> {
  const { rows, timesMs } = recording
  const points: ShadowPoint[] = Array.from(timesMs, (atMs) => ({ atMs: Math.floor(atMs) }))
  const ends = windowEnds(rows, samples)
  const width = rows.tags.length
  for (let from = 0; from < ends.length; from += CHUNK) {
    const some = ends.slice(from, from + CHUNK)
    const { scores, shares } = await runDetector(run, model, windowValues(rows, samples, some), [samples, width])
    for (const [at, end] of some.entries()) {
      const point = points[end]
      const score = scores[at]
      if (!point || score === undefined) continue
      point.score = score
      point.tag = largestTag(rows.tags, shares.subarray(at * width, (at + 1) * width))
    }
  }
  return points.filter(({ atMs }) => Number.isFinite(atMs))
}

function largestTag(tags: readonly string[], shares: Float32Array): string {
  let most = 0
  for (let at = 1; at < shares.length; at += 1) if ((shares[at] ?? 0) > (shares[most] ?? 0)) most = at
  return tags[most] ?? 'unknown'
}
