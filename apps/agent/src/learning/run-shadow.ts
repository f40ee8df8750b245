/**
 * Run shadow: the detector that the hub has published is tried on new rows, before its alarm is live. A look at it counts
 * the alarms up to then; the last one goes to the hub.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LearningOrder } from '@skerry/contract/held/learnings'
import { LEARNED_ROWS_MAX, type LearningShadow, shadowRowsOf } from '@skerry/contract/learning/learning'
import { LearningResult, ReportedShadow } from '@skerry/contract/learning/result'
import { type LearnLimits, learnRows } from '@skerry/inference/learn/learn-rows'
import { countRows } from '@skerry/inference/learn/recorded-rows'
import { collectRows } from './collect-rows.ts'
import type { LearningDeps, ProgressNews } from './run-learning.ts'
import { sendResult } from './send-result.ts'

export type ShadowPaths = {
  order: LearningOrder
  /** The result of the learning, with the detector. */
  outPath: string
  shadowRowsPath: string
  limits: LearnLimits
}

/** Looks at a shadow before its end: each starts a process for a second or two. */
const LOOKS = 10

/** Rejects by the signal, or with the reason why it cannot go on. The rows then stay. */
export async function runShadow(
  deps: LearningDeps,
  it: ShadowPaths,
  tell: (news: ProgressNews) => void,
  signal: AbortSignal,
): Promise<void> {
  const { spec } = it.order
  const wanted = Math.max(1, Math.min(LEARNED_ROWS_MAX, shadowRowsOf(spec)))
  const { outcome } = LearningResult.parse(JSON.parse(await readFile(it.outPath, 'utf8')))
  const news = (shadow: LearningShadow | undefined, problem?: string) =>
    tell({
      phase: 'shadow',
      rows: outcome.rows,
      ...(shadow && { shadow }),
      ...(problem !== undefined && { problem: problem.slice(0, 500) }),
    })
  let seen: LearningShadow | undefined
  const keep = (shadow: LearningShadow) => {
    seen = shadow
    news(shadow)
  }
  let looking: Promise<void> | undefined
  let nextLook = (await countRows(it.shadowRowsPath, spec.tags.length)) + wanted / LOOKS
  const onRow = (rows: number, problem: string | undefined) => {
    if (problem !== undefined) news(seen, problem)
    if (looking || rows < nextLook || rows >= wanted) return
    nextLook = rows + wanted / LOOKS
    // Rows come in meanwhile: a gap would hide an alarm. The last look is the one that counts.
    looking = look(deps, it, wanted, signal)
      .then(keep)
      .catch((error: unknown) => deps.log.warn('learning_look_failed', { learning: spec.name, error }))
      .finally(() => {
        looking = undefined
      })
  }
  news(undefined)
  try {
    await collectRows(deps, { spec, wanted, rowsPath: it.shadowRowsPath, onRow }, signal)
  } finally {
    await looking
  }
  const shadow = await look(deps, it, wanted, signal)
  keep(shadow)
  const sent = join(deps.folder, it.order.learning, 'shadow-result.json')
  await writeFile(`${sent}.part`, JSON.stringify({ outcome: { ...outcome, shadow } } satisfies LearningResult))
  await rename(`${sent}.part`, sent)
  await sendResult(deps, { order: it.order, outPath: sent }, signal)
}

/** The figures of the shadow so far. */
async function look(
  deps: LearningDeps,
  { order, outPath, shadowRowsPath, limits }: ShadowPaths,
  rowsWanted: number,
  signal: AbortSignal,
): Promise<LearningShadow> {
  const { tags, everyMs, samples } = order.spec
  const path = join(deps.folder, order.learning, 'shadow.json')
  const work = { work: 'try' as const, rowsPath: shadowRowsPath, resultPath: outPath, outPath: path }
  const tried = await deps.inTurn(() => learnRows({ ...work, tags, everyMs, samples, rowsWanted }, limits, signal))
  if (!tried.ok) throw new Error(`${tried.code}: ${tried.message}`)
  return ReportedShadow.parse(JSON.parse(await readFile(path, 'utf8')))
}
