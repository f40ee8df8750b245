/**
 * Rollout analysis: how the analyses of a rollout's waves change its state. The effect of one measurement on one
 * analysis is in analysis.ts.
 */
import type { Analysis, AnalysisRun, Measurement, MeasurementPhase } from '@skerry/contract/deployments/analysis'
import type { OutcomeCounts } from '@skerry/contract/rollouts/rollout'
import {
  bearAnalysis,
  beginAnalysis,
  endAnalysis,
  retryAnalysis,
  standOf,
  takeMeasurement,
} from '../analysis/analysis.ts'
import { changeWave, isEnded, type OpenWave, openWaves, type RolloutState } from './rollout-state.ts'
import { limitProblem, sizeOf, type WaveState } from './wave-verdict.ts'
import type { RolloutPlan } from './waves.ts'

/**
 * The measurement for an analysis, by its name, at the time that was due. A measurement for an analysis that is over is
 * ignored.
 */
export type Measured = { kind: 'measured'; wave: number; analysis: string; measurement: Measurement }

/**
 * The state after the analyses of an open wave with something to measure have begun; undefined if there is no such
 * wave.
 */
export function beginAnalyses(plan: RolloutPlan, state: RolloutState, nowMs: number): RolloutState | undefined {
  const due = openWaves(plan, state).find(
    ({ planned, wave }) => planned.analysis && wave.analyses === undefined && isMeasurable(wave),
  )
  const analyses = due?.planned.analysis?.map((analysis) => beginAnalysis(analysis, nowMs))
  return due && analyses && changeWave(state, due.index, (wave) => ({ ...wave, analyses }))
}

const isMeasurable = (wave: WaveState) =>
  sizeOf(wave) > 0 && (wave.counts.healthy > 0 || wave.soakingSinceMs !== undefined)

/** An analysis that runs, and the time for which it is measured next. */
export type DueAnalysis = { wave: number; name: string; analysis: Analysis; dueAtMs: number }

/** The measurements that are due now. */
export function dueAnalyses(plan: RolloutPlan, state: RolloutState, nowMs: number): DueAnalysis[] {
  if (isEnded(state)) return []
  return openWaves(plan, state).flatMap(({ index, planned: { analysis = [] }, wave: { analyses = [] } }) =>
    analysis.flatMap((one, place) => {
      const dueAtMs = analyses[place]?.dueAtMs
      return dueAtMs === undefined || dueAtMs > nowMs ? [] : [{ wave: index, name: one.name, analysis: one, dueAtMs }]
    }),
  )
}

/** The state after a measurement; the very same state if the measurement does not count. */
export function hearMeasurement(
  plan: RolloutPlan,
  state: RolloutState,
  { wave: index, analysis: name, measurement }: Measured,
): RolloutState {
  const planned = plan.waves[index]?.analysis ?? []
  const place = planned.findIndex((one) => one.name === name)
  const analysis = planned[place]
  const wave = state.waves[index]
  const run = wave?.analyses?.[place]
  if (isEnded(state) || !analysis || !run) return state
  const next = takeMeasurement(analysis, run, { measurement, isSettled: wave?.soakingSinceMs !== undefined })
  return next === run ? state : changeRuns(state, index, (other, at) => (at === place ? next : other))
}

/** How an analysis ended, with the state of its wave at that time. */
export type AnalysisVerdict = {
  wave: string
  counts: OutcomeCounts
  analysis: string
  verdict: MeasurementPhase
  reason?: string
}

/** The verdict that the measurement brought; undefined if it brought none. */
export function verdictOfMeasured(
  plan: RolloutPlan,
  { before, after }: { before: RolloutState; after: RolloutState },
  { wave: index, analysis }: Measured,
): AnalysisVerdict | undefined {
  const planned = plan.waves[index]
  const place = planned?.analysis?.findIndex(({ name }) => name === analysis) ?? -1
  const wave = after.waves[index]
  const was = before.waves[index]?.analyses?.[place]
  const run = wave?.analyses?.[place]
  if (!planned || !wave || was?.verdict !== undefined || run?.verdict === undefined) return undefined
  const { verdict, reason } = run
  return { wave: planned.name, counts: wave.counts, analysis, verdict, ...(reason !== undefined && { reason }) }
}

/** Why an open wave's analyses stop it, or leave it in doubt; undefined if they do not. */
export function analysisProblem({ planned, wave }: OpenWave, stand: 'failed' | 'inconclusive'): string | undefined {
  for (const [place, analysis] of (planned.analysis ?? []).entries()) {
    const run = wave.analyses?.[place]
    if (standOf(analysis, run) !== stand) continue
    const what = run?.verdict === 'error' ? 'could not be measured' : stand === 'failed' ? 'failed' : 'is inconclusive'
    return `the analysis ${analysis.name} of wave ${planned.name} ${what}: ${run?.reason}`
  }
  return undefined
}

/** The first analysis that stops the open waves; undefined if none does, or if too many devices failed. */
export function stoppingAnalysis(
  plan: RolloutPlan,
  state: RolloutState,
): { wave: string; analysis: string } | undefined {
  const open = openWaves(plan, state)
  if (open.some(({ planned, wave }) => limitProblem(planned, wave) !== undefined)) return undefined
  return open
    .flatMap(({ planned, wave }) =>
      (planned.analysis ?? []).map((analysis, place) => ({ planned, analysis, run: wave.analyses?.[place] })),
    )
    .filter(({ analysis, run }) => ['failed', 'inconclusive'].includes(standOf(analysis, run)))
    .map(({ planned, analysis }) => ({ wave: planned.name, analysis: analysis.name }))[0]
}

/** A person who resumes has seen how the analyses of the open waves ended, and tolerates their results. */
export const bearAnalyses = (state: RolloutState): RolloutState =>
  state.waves.reduce((next, _, index) => changeRuns(next, index, bearAnalysis), state)

/** Unsuccessful analyses of the newest wave restart. */
export function retryAnalyses(plan: RolloutPlan, state: RolloutState, nowMs: number): RolloutState {
  const planned = plan.waves[state.wave]?.analysis ?? []
  return changeRuns(state, state.wave, (run, place) => {
    const analysis = planned[place]
    return analysis ? retryAnalysis(analysis, run, nowMs) : run
  })
}

/** Nothing more is measured in this wave. */
export const endAnalyses = (state: RolloutState, index: number): RolloutState => changeRuns(state, index, endAnalysis)

/** Nothing more is measured in any wave. */
export const endAllAnalyses = (state: RolloutState): RolloutState =>
  state.waves.reduce((next, _, index) => endAnalyses(next, index), state)

type ChangeRun = (run: AnalysisRun, place: number) => AnalysisRun

/** The very same state if no run changes. */
function changeRuns(state: RolloutState, index: number, change: ChangeRun): RolloutState {
  const runs = state.waves[index]?.analyses
  const changed = runs?.map(change)
  if (!changed || changed.every((run, place) => run === runs?.[place])) return state
  return changeWave(state, index, (wave) => ({ ...wave, analyses: changed }))
}
