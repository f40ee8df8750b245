/** Performance: reads the labels of a model as sums, and judges them by version and period. */
import type { CaptureTask } from '@skerry/contract/captures/capture'
import {
  type ModelPerformance,
  PERIODS_MAX,
  type PerformanceFigures,
  type PerformancePeriod,
} from '@skerry/contract/captures/performance'
import { classificationOf, type ErrorSums, type Pair, regressionOf } from '@skerry/core/captures/performance'
import { sql } from 'kysely'
import { problem } from '../http/problem.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { CaptureTable } from '../store/tables/capture-tables.ts'

const DAY_MS = 86_400_000

type Query = {
  fromMs?: number | undefined
  toMs?: number | undefined
  periodSeconds?: number | undefined
  nowMs: number
}

/** The figures of the last month if no time is given. */
export async function modelPerformance(db: Db, row: CaptureTable, query: Query): Promise<ModelPerformance> {
  const { toMs = query.nowMs } = query
  const { fromMs = Math.max(0, toMs - 30 * DAY_MS) } = query
  if (toMs <= fromMs) throw problem('input_invalid', 'toMs must be later than fromMs')
  // The chart has at most so many points.
  const shortestMs = Math.ceil((toMs - fromMs) / PERIODS_MAX / 1_000) * 1_000
  const periodMs = Math.max((query.periodSeconds ?? DAY_MS / 1_000) * 1_000, shortestMs)
  const { task } = fromJson(row.rules)
  const span = { row, fromMs, toMs, periodMs }
  const parts = task === 'classification' ? await readPairs(db, span) : await readErrors(db, span)
  const versions = [...Map.groupBy(parts, ({ version }) => version)]
    .toSorted(([a], [b]) => b - a)
    .map(([version, of]) => ({ version, ...figuresOf(task, of) }))
  const periods = [...Map.groupBy(parts, ({ version, startMs }) => `${startMs} ${version}`).values()]
    .flatMap((of) => periodOf(task, of, periodMs))
    .toSorted((a, b) => a.fromMs - b.fromMs || a.version - b.version)
    .slice(-PERIODS_MAX)
  return { model: row.model, task, fromMs, toMs, versions, periods }
}

type Part = { version: number; startMs: number } & Partial<Pair> & Partial<ErrorSums>

function figuresOf(task: CaptureTask, parts: readonly Part[]): PerformanceFigures {
  if (task === 'classification')
    return classificationOf(parts.map(({ predicted = '', label = '', rows = 0 }) => ({ predicted, label, rows })))
  const sum = (key: keyof ErrorSums) => parts.reduce((total, part) => total + (part[key] ?? 0), 0)
  return regressionOf({ rows: sum('rows'), absolute: sum('absolute'), squared: sum('squared') })
}

function periodOf(task: CaptureTask, parts: readonly Part[], periodMs: number): PerformancePeriod[] {
  const [first] = parts
  if (!first) return []
  const { classes: _, ...figures } = figuresOf(task, parts)
  return [{ version: first.version, fromMs: first.startMs, toMs: first.startMs + periodMs, ...figures }]
}

type Span = { row: CaptureTable; fromMs: number; toMs: number; periodMs: number }

/** Pairs of some hundred classes in each period. Beyond it, the newest periods count. */
const PARTS_MAX = 100_000

/** The period is written into the statement: as a parameter it would be a fraction to SQLite. */
const startOf = (periodMs: number) => sql<number>`at_ms - at_ms % ${sql.lit(periodMs)}`

const labelsIn = (db: Db, { row, fromMs, toMs }: Span) =>
  db
    .selectFrom('capture_labels')
    .where('organisation_id', '=', row.organisation_id)
    .where('model', '=', row.model)
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
