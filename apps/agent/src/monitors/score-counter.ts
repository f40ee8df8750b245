/** Score counter: counts how sure a version was of its answers, by predicted class. */
import type { Watch } from '@skerry/contract/held/monitors'
import type { ScoreCounts } from '@skerry/contract/monitors/profile'
import { predictionOf } from '@skerry/core/captures/prediction'
import { scoreBin } from '@skerry/core/monitors/calibration'
import { rowOutputsOf } from '@skerry/inference/capture/row-cut'
import type { RawTensor } from '@skerry/inference/host/raw-tensor'

/** Adds the rows of one answer. A row without a confidence, such as NaN, does not count. */
export function countScores(
  counts: ScoreCounts,
  scores: Watch['scores'],
  tensors: readonly RawTensor[],
  rows: number,
): void {
  if (!scores) return
  for (let row = 0; row < rows; row++) {
    const { predicted, confidence } = predictionOf(rowOutputsOf(tensors, row, rows), {
      task: 'classification',
      output: scores.output,
    })
    if (predicted === undefined || confidence === undefined) continue
    const of = counts.classes[scores.classes.indexOf(predicted)] ?? counts.rest
    const bin = scoreBin(confidence)
    of[bin] = (of[bin] ?? 0) + 1
  }
}
