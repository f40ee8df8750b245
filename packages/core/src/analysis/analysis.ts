/**
 * Analysis: one thing that is measured while a wave rolls and soaks, and what its measurements come to [Argo Rollouts, analysis].
 *
 * It begins when the first device of the wave runs the revision well. While devices are still undecided, a failed measurement and an error count
 * at once; one that is successful or inconclusive says nothing yet, since it rests on whoever came first. Once all have been decided, `count`
 * measurements are taken, and it ends. Nothing measures here: whoever does hands in a measurement for the time that is due.
 */
import type { Analysis, AnalysisRun, Measurement, MeasurementPhase } from '@skerry/contract/deployments/analysis'
import { MEASUREMENTS_KEPT } from '@skerry/contract/deployments/analysis'
import { assertNever } from '../values/assert-never.ts'

/** What could not be measured is tried again so soon, or at the interval where that is sooner [Argo]. */
const ERROR_RETRY_MS = 10_000

/** An analysis that begins now. */
export const beginAnalysis = ({ initialDelaySeconds }: Analysis, nowMs: number): AnalysisRun => ({
  counts: { successful: 0, failed: 0, inconclusive: 0, error: 0 },
  settled: 0,
  errorsInARow: 0,
  dueAtMs: nowMs + initialDelaySeconds * 1_000,
  last: [],
})

/** The run after a measurement; the very same where it was not for the time that is due: heard twice, it counts once. */
export function takeMeasurement(
  analysis: Analysis,
  run: AnalysisRun,
  { measurement, isSettled }: { measurement: Measurement; isSettled: boolean },
): AnalysisRun {
  const { phase, dueAtMs, atMs } = measurement
  if (run.verdict !== undefined || run.dueAtMs !== dueAtMs) return run
  const isCounted = isSettled || phase === 'failed' || phase === 'error'
  const next: AnalysisRun = {
    ...run,
    counts: isCounted ? { ...run.counts, [phase]: run.counts[phase] + 1 } : run.counts,
    settled: run.settled + (isSettled && phase !== 'error' ? 1 : 0),
    errorsInARow: phase === 'error' ? run.errorsInARow + 1 : 0,
    dueAtMs: Math.max(atMs, dueAtMs) + waitMs(analysis, phase),
    last: [...run.last, measurement].slice(-MEASUREMENTS_KEPT),
  }
  const end = endOf(analysis, next)
  return end ? conclude(next, end) : next
}

const waitMs = ({ intervalSeconds }: Analysis, phase: MeasurementPhase) =>
  phase === 'error' ? Math.min(intervalSeconds * 1_000, ERROR_RETRY_MS) : intervalSeconds * 1_000

type End = { verdict: MeasurementPhase; reason?: string }

const conclude = ({ dueAtMs: _, ...run }: AnalysisRun, end: End): AnalysisRun => ({ ...run, ...end })

/** How it ends with the newest measurement; undefined while it goes on. A broken failure limit comes before all else. */
function endOf(analysis: Analysis, { counts, settled, errorsInARow, last }: AnalysisRun): End | undefined {
  const { count, failureLimit, inconclusiveLimit, consecutiveErrorLimit } = analysis
  const why = last.at(-1)?.message
  const because = why === undefined ? '' : `: ${why}`
  if (failureLimit >= 0 && counts.failed > failureLimit) {
    return { verdict: 'failed', reason: `${counts.failed} failed, ${failureLimit} allowed${because}` }
  }
  if (errorsInARow > consecutiveErrorLimit) {
    return { verdict: 'error', reason: `${errorsInARow} errors in a row, ${consecutiveErrorLimit} allowed${because}` }
  }
  const isTooVague = counts.inconclusive > (inconclusiveLimit ?? 0)
  const isOver = settled >= count || (inconclusiveLimit !== undefined && isTooVague)
  if (!isOver) return undefined
  // What never told anything is no success, however much of that is borne.
  if (isTooVague || counts.successful + counts.failed === 0) {
    const reason = `${counts.inconclusive} of ${settled} inconclusive, ${inconclusiveLimit ?? 0} allowed${because}`
    return { verdict: 'inconclusive', reason }
  }
  return { verdict: 'successful' }
}

/** The run where nothing more will be measured. One that had not come to an end says nothing. */
export const endAnalysis = (run: AnalysisRun): AnalysisRun =>
  run.verdict === undefined
    ? conclude(run, { verdict: 'inconclusive', reason: 'it ended before its last measurement' })
    : run

/** The run after a person has gone on in spite of it. */
export const bearAnalysis = (run: AnalysisRun): AnalysisRun =>
  run.verdict === undefined || run.verdict === 'successful' ? run : { ...run, isBorne: true }

/** The run after a person has asked for another try. */
export const retryAnalysis = (analysis: Analysis, run: AnalysisRun, nowMs: number): AnalysisRun =>
  run.verdict === undefined || run.verdict === 'successful'
    ? run
    : beginAnalysis({ ...analysis, initialDelaySeconds: 0 }, nowMs)

/** What one analysis has to say about its wave: passed, where it is a dry run or borne, whatever it found. */
export type AnalysisStand = 'pending' | 'passed' | 'failed' | 'inconclusive'

/** How it stands towards its wave. */
export function standOf({ dryRun }: Pick<Analysis, 'dryRun'>, run: AnalysisRun | undefined): AnalysisStand {
  if (dryRun || run?.isBorne) return 'passed'
  switch (run?.verdict) {
    case undefined:
      return 'pending'
    case 'successful':
      return 'passed'
    case 'inconclusive':
      return 'inconclusive'
    case 'failed':
    case 'error':
      return 'failed'
    default:
      return assertNever(run?.verdict as never)
  }
}
