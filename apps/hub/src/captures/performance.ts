/** Performance: reads the labels and the confidences of a model as sums, and judges them by version and period. */
import type { CaptureTask } from '@skerry/contract/captures/capture'
import {
  type ModelPerformance,
  PERIODS_MAX,
  type PerformanceFigures,
  type PerformancePeriod,
  type VersionPerformance,
} from '@skerry/contract/captures/performance'
import type { ReferenceProfile, ScoreCounts } from '@skerry/contract/monitors/profile'
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { classificationOf, type ErrorSums, type Pair, regressionOf } from '@skerry/core/captures/performance'
import { estimateAccuracy, mergeScores } from '@skerry/core/monitors/calibration'
import { estimateError } from '@skerry/core/monitors/error-model'
import type { CountedWindow } from '@skerry/core/monitors/verdict'
import { sql } from 'kysely'
import { problem } from '../http/problem.ts'
import { countedIn, profileIn, profilesOf, sumsOf } from '../monitors/monitor-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { findCapture } from './capture-store.ts'
import { scoreSumsOf } from './score-store.ts'

const DAY_MS = 86_400_000

type Query = {
  organisationId: OrganisationId
  name: string
  task: CaptureTask
  nowMs: number
  fromMs?: number | undefined
  toMs?: number | undefined
  periodSeconds?: number | undefined
}

/** The figures of the last month if no time is given. */
export async function modelPerformance(db: Db, query: Query): Promise<ModelPerformance> {
  const { organisationId, name: model, task, toMs = query.nowMs } = query
  const { fromMs = Math.max(0, toMs - 30 * DAY_MS) } = query
  if (toMs <= fromMs) throw problem('input_invalid', 'toMs must be later than fromMs')
  // The chart has at most so many points.
  const shortestMs = Math.ceil((toMs - fromMs) / PERIODS_MAX / 1_000) * 1_000
  const periodMs = Math.max((query.periodSeconds ?? DAY_MS / 1_000) * 1_000, shortestMs)
  const span = { organisationId, model, fromMs, toMs, periodMs }
  const profiles = await judgingProfiles(db, span)
  const parts = [
    ...(task === 'classification'
      ? [...(await readPairs(db, span)), ...(await readScores(db, span, profiles))]
      : [...(await readErrors(db, span)), ...(await readCounts(db, span, profiles))]),
  ]
  const figures = (of: readonly Part[]) => figuresOf(task, of, profiles)
  const versions = [...Map.groupBy(parts, ({ version }) => version)]
    .toSorted(([a], [b]) => b - a)
    .map(([version, of]): VersionPerformance => {
      const { calibration, errors } = profiles.get(version)?.profile ?? {}
      const reference = {
        ...(calibration && { referenceAccuracy: calibration.accuracy }),
        ...(errors && { referenceMae: errors.mae }),
      }
      return { version, ...figures(of), ...reference }
    })
  const periods = [...Map.groupBy(parts, ({ version, startMs }) => `${startMs} ${version}`).values()]
    .flatMap((of) => periodOf(of, figures(of), periodMs))
    .toSorted((a, b) => a.fromMs - b.fromMs || a.version - b.version)
    .slice(-PERIODS_MAX)
  return { model, task, fromMs, toMs, versions, periods }
}

/** A part of a period: pairs, errors, confidences, or counts of features. */
type Part = { version: number; startMs: number; scores?: ScoreCounts; counted?: CountedWindow } & Partial<Pair> &
  Partial<ErrorSums>

type Profiles = ReadonlyMap<number, { digest: Digest; profile: ReferenceProfile }>

/** Those from which the performance can be estimated. */
async function judgingProfiles(db: Db, { organisationId, model }: Span): Promise<Profiles> {
  const profiles = await profilesOf(db, organisationId, model)
  return new Map(
    profiles.flatMap((row) => {
      const profile = profileIn(row)
      return profile.calibration || profile.errors ? [[row.version, { digest: row.digest, profile }]] : []
    }),
  )
}

function figuresOf(task: CaptureTask, parts: readonly Part[], profiles: Profiles): PerformanceFigures {
  const labelled = parts.filter(({ scores, counted }) => !scores && !counted)
  const profile = profiles.get(parts[0]?.version ?? 0)?.profile
  const estimated = estimateOf(parts, profile)
  const estimatedError =
    profile &&
    estimateError(
      profile,
      parts.flatMap(({ counted }) => counted ?? []),
    )
  const real =
    task === 'classification'
      ? classificationOf(labelled.map(({ predicted = '', label = '', rows = 0 }) => ({ predicted, label, rows })))
      : regressionOf(errorSumsOf(labelled))
  return { ...real, ...(estimated && { estimated }), ...(estimatedError && { estimatedError }) }
}

function errorSumsOf(parts: readonly Part[]): ErrorSums {
  const sum = (key: keyof ErrorSums) => parts.reduce((total, part) => total + (part[key] ?? 0), 0)
  return { rows: sum('rows'), absolute: sum('absolute'), squared: sum('squared') }
}

/** All parts are of one version. */
function estimateOf(parts: readonly Part[], { calibration }: Pick<ReferenceProfile, 'calibration'> = {}) {
  const [first, ...rest] = parts.flatMap(({ scores }) => scores ?? [])
  return calibration && first && estimateAccuracy(calibration, rest.reduce(mergeScores, first))
}

function periodOf(parts: readonly Part[], figures: PerformanceFigures, periodMs: number): PerformancePeriod[] {
  const [first] = parts
  if (!first) return []
  const { classes: _, ...shown } = figures
  return [{ version: first.version, fromMs: first.startMs, toMs: first.startMs + periodMs, ...shown }]
}

type Span = { organisationId: OrganisationId; model: string; fromMs: number; toMs: number; periodMs: number }

/** Pairs of some hundred classes in each period. Beyond it, the newest periods count. */
const PARTS_MAX = 100_000

/** The period is written into the statement: as a parameter it would be a fraction to SQLite. */
const startOf = (periodMs: number) => sql<number>`at_ms - at_ms % ${sql.lit(periodMs)}`

const labelsIn = (db: Db, { organisationId, model, fromMs, toMs }: Span) =>
  db
    .selectFrom('capture_labels')
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .where('at_ms', '>=', fromMs)
    .where('at_ms', '<', toMs)

async function readPairs(db: Db, span: Span): Promise<Part[]> {
  const rows = await labelsIn(db, span)
    .select(['version', 'predicted', 'label', startOf(span.periodMs).as('start_ms')])
    .select(({ fn }) => fn.countAll<number>().as('rows'))
    .groupBy(['version', 'predicted', 'label', 'start_ms'])
    .orderBy('start_ms', 'desc')
    .limit(PARTS_MAX)
    .execute()
  return rows.map(({ start_ms, rows: count, ...pair }) => ({ ...pair, startMs: Number(start_ms), rows: Number(count) }))
}

async function readErrors(db: Db, span: Span): Promise<Part[]> {
  const rows = await labelsIn(db, span)
    .where('error', 'is not', null)
    .select(['version', startOf(span.periodMs).as('start_ms')])
    .select(({ fn }) => fn.countAll<number>().as('rows'))
    .select([sql<number>`sum(abs(error))`.as('absolute'), sql<number>`sum(error * error)`.as('squared')])
    .groupBy(['version', 'start_ms'])
    .orderBy('start_ms', 'desc')
    .limit(PARTS_MAX)
    .execute()
  return rows.map(({ version, start_ms, rows: count, absolute, squared }) => ({
    version,
    startMs: Number(start_ms),
    rows: Number(count),
    absolute: Number(absolute),
    squared: Number(squared),
  }))
}

/** Confidences of another calibration than the present one of the version cannot be judged. */
async function readScores(db: Db, span: Span, profiles: Profiles): Promise<Part[]> {
  if (profiles.size === 0) return []
  const rows = await scoreSumsOf(db, span)
  return rows
    .filter(({ version, profile }) => profiles.get(version)?.digest === profile)
    .map(({ version, start_ms, scores }) => {
      const startMs = Number(start_ms)
      return { version, startMs: startMs - (startMs % span.periodMs), scores: fromJson(scores) }
    })
}

/** Counts in the bins of another profile than the present one of the version cannot be judged. */
async function readCounts(db: Db, span: Span, profiles: Profiles): Promise<Part[]> {
  const parts: Part[] = []
  for (const [version, { digest, profile }] of profiles) {
    if (!profile.errors) continue
    for (const row of await sumsOf(db, { ...span, of: { version, profile: digest } })) {
      const startMs = Number(row.start_ms)
      parts.push({ version, startMs: startMs - (startMs % span.periodMs), counted: countedIn(row) })
    }
  }
  return parts
}

/** As the capture of the model says. Estimates need no capture: then the newest profile with labels tells. */
export async function taskOf(db: Db, organisationId: OrganisationId, model: string): Promise<CaptureTask> {
  const row = await findCapture(db, { organisationId, model })
  if (row) return fromJson(row.rules).task
  const profiles = (await profilesOf(db, organisationId, model)).map(profileIn)
  return profiles.some(({ errors }) => errors) ? 'regression' : 'classification'
}
