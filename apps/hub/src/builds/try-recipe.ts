/**
 * One recipe: makes a build in a process of its own, compares its answers with those of the version, and stores it if
 * they are near enough. If they are not, the worst nodes return to float, and the build is made again.
 *
 *     build ─▶ run the golden inputs ─▶ gate ─▶ golden file of the build ─▶ blobs ─▶ record
 *       ▲                                │ missed
 *       └──── more nodes in float ◀──────┘ (the nodes are ranked once)
 */
import { join } from 'node:path'
import {
  type FidelityGoal,
  type NodeError,
  type OutputFidelity,
  type Recipe,
  type RecipeResult,
  WORST_NODES_SHOWN,
} from '@skerry/contract/builds/build'
import type { Calibration, CalibrationRow } from '@skerry/contract/builds/calibration'
import type { Golden, GoldenInputCase } from '@skerry/contract/devices/golden'
import type { Digest } from '@skerry/contract/values/digest'
import { isCalibrated } from '@skerry/core/builds/optimisation'
import { canReturnNodes, nextReturn, worstNodesText } from '@skerry/core/builds/worst-nodes'
import {
  type BuildResult,
  buildModel,
  type Ranges,
  type RankedNode,
  rankModel,
} from '@skerry/inference/optimise/build-model'
import { runtimeVersion } from '@skerry/onnx/generated/operators'
import type { Hub } from '../hub.ts'
import type { Staged } from '../models/staging.ts'
import type { BuildLineage } from '../store/tables/build-tables.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import { TRIAL_LIMITS } from './compare-labels.ts'
import { gateBuild, type Missed, type Passed } from './gate-build.ts'
import { storeBuild } from './store-build.ts'

/** A calibration runs each case once through all of the model, a hundredth of a second to a second each. */
const BUILD_MS = 120_000

/** Until the last try of one recipe begins. The first build and its gate always fit in it. */
const RECIPE_MS = 300_000

/** With the gate of the last try. */
export const RECIPE_MAX_MS = RECIPE_MS + TRIAL_LIMITS.loadMs + TRIAL_LIMITS.casesMs

/** The errors of nodes vary little from input to input. */
const RANK_CASES = 2

/** The inputs of the calibration or its ranges, and their name in the lineage. */
export type Calibrating = {
  cases: GoldenInputCase[]
  ranges?: Ranges
  calibration: Calibration
  /** The rows with labels that the gate compares, and the digest of their data set. */
  labelled?: { digest: Digest; rows: CalibrationRow[] }
}

export type RecipeTrial = {
  version: VersionTable
  recipe: Recipe
  goal: FidelityGoal
  staged: Staged
  golden: Golden
  calibrating: Calibrating
  createdBy: string
}

type Made = Extract<BuildResult, { ok: true }>

/** One build and the answer of the gate to it. */
type Try = { outPath: string; made: Made; gated: Passed | Missed; tookMs: number }

/** The result of the recipe. A build that reaches the goal is stored; rejects only when the signal fires. */
export async function tryRecipe(hub: Hub, trial: RecipeTrial, signal: AbortSignal): Promise<RecipeResult> {
  const { recipe } = trial
  const startedMs = hub.clock.monotonicMs()
  const elapsedMs = () => Math.round(hub.clock.monotonicMs() - startedMs)
  const { ranges } = isCalibrated(recipe) ? trial.calibrating : {}
  const first = await tryOnce(hub, trial, { keep: [], ...(ranges && { ranges }) }, signal)
  if ('code' in first) {
    const outcome = first.code === 'build_refused' ? 'refused' : 'failed'
    return { recipe, outcome, message: first.message.slice(0, 1_000), tookMs: elapsedMs() }
  }
  const remainingMs = () => RECIPE_MS - elapsedMs()
  const { last, worst, returned } = await returnWorst(hub, { trial, first, remainingMs }, signal)
  const { made, gated, outPath } = last
  const figures = { sizeBytes: made.sizeBytes, peakBytes: made.peakBytes }
  const nodes = worst.length === 0 ? {} : { worstNodes: worst.slice(0, WORST_NODES_SHOWN), returned }
  if (isMissed(gated)) {
    const message = `${gated.message}${worstNodesText(worst, returned)}`.slice(0, 1_000)
    const fidelity: { fidelity?: OutputFidelity[] } = gated.fidelity ? { fidelity: gated.fidelity } : {}
    return { recipe, outcome: 'refused', message, ...figures, ...fidelity, ...nodes, tookMs: elapsedMs() }
  }
  const { outputs, fidelity } = gated
  const lineage = lineageOf(hub, trial, returned)
  const buildId = await storeBuild(
    hub,
    { ...trial, outPath, reports: made.reports, outputs, fidelity, lineage },
    signal,
  )
  return { recipe, outcome: 'admitted', buildId, ...figures, fidelity, ...nodes, tookMs: elapsedMs() }
}

const lineageOf = (hub: Hub, { version, recipe, calibrating }: RecipeTrial, returned: number): BuildLineage => ({
  parent: version.digest,
  ...(isCalibrated(recipe) && { calibration: calibrating.calibration }),
  ...(calibrating.labelled && { labels: labelSetOf(calibrating.labelled) }),
  ...(returned > 0 && { returned }),
  tools: { skerry: hub.config.version, 'onnxruntime-node': runtimeVersion },
})

const labelSetOf = ({ digest, rows }: NonNullable<Calibrating['labelled']>) => ({ digest, rows: rows.length })

const isMissed = (gated: Passed | Missed): gated is Missed => 'message' in gated

/** Answers can only become better by a return to float if there were answers. */
const isNearer = (gated: Passed | Missed): boolean => isMissed(gated) && gated.fidelity !== undefined

type Attempt = { keep: readonly string[]; ranges?: Ranges; timeMs?: number }

/** Makes one build and gates it; the failure of the process if there is no build. */
async function tryOnce(hub: Hub, trial: RecipeTrial, attempt: Attempt, signal: AbortSignal) {
  const startedMs = hub.clock.monotonicMs()
  const { recipe, staged } = trial
  const { keep, ranges, timeMs = BUILD_MS } = attempt
  const outPath = join(staged.folder, `${recipe}.onnx`)
  const order = { modelPath: staged.modelPath, outPath, recipe, cases: casesOf(trial), keep }
  const limits = { timeMs, memoryBytes: hub.trialBytes }
  const made = await buildModel({ ...order, ...(ranges && { ranges }) }, limits, signal)
  if (!made.ok) return made
  const gated = await gateBuild(hub, trial, { outPath, sizeBytes: made.sizeBytes }, signal)
  return { outPath, made, gated, tookMs: hub.clock.monotonicMs() - startedMs } satisfies Try
}

const casesOf = ({ recipe, calibrating }: RecipeTrial) => (isCalibrated(recipe) ? calibrating.cases : [])

type Returning = { trial: RecipeTrial; first: Try; remainingMs(): number }
type Returned = { last: Try; worst: NodeError[]; returned: number }

/** Returns more and more of the worst nodes to float, until the gate admits the build or the budget is spent. */
async function returnWorst(hub: Hub, { trial, first, remainingMs }: Returning, signal: AbortSignal): Promise<Returned> {
  let last = first
  let returned = 0
  if (!isNearer(first.gated) || !canReturnNodes(trial.recipe)) return { last, worst: [], returned }
  const ranked = await rankWorst(hub, { trial, first, remainingMs }, signal)
  while (isNearer(last.gated)) {
    const facts = { rewritten: ranked.length, returned, remainingMs: remainingMs(), lastTryMs: last.tookMs }
    const next = nextReturn(facts)
    if (next === undefined) break
    const keep = ranked.slice(0, next).map(({ key }) => key)
    const { ranges } = first.made
    const timeMs = Math.min(BUILD_MS, facts.remainingMs)
    const result = await tryOnce(hub, trial, { keep, ranges, timeMs }, signal)
    if ('code' in result) break
    last = result
    returned = next
  }
  return { last, worst: ranked.map(({ key: _key, ...worst }) => worst), returned }
}

/** The nodes, worst first; none if the ranking failed, which leaves the answer of the gate as it is. */
async function rankWorst(
  hub: Hub,
  { trial, first, remainingMs }: Returning,
  signal: AbortSignal,
): Promise<RankedNode[]> {
  const { recipe, staged, golden } = trial
  const given = casesOf(trial)
  const cases = (given.length > 0 ? given : golden.cases.map(({ inputs }) => ({ inputs }))).slice(0, RANK_CASES)
  const limits = { timeMs: Math.min(BUILD_MS, Math.max(1, remainingMs())), memoryBytes: hub.trialBytes }
  const order = { modelPath: staged.modelPath, recipe, cases, ranges: first.made.ranges }
  const ranked = await rankModel(order, limits, signal)
  if (ranked.ok) return ranked.nodes
  hub.log.warn('rank_failed', { model: trial.version.name, recipe, code: ranked.code, message: ranked.message })
  return []
}
