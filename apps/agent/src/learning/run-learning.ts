/**
 * Run learning: one order from the first row to the hub's answer. Each step leaves a file, so that an agent that was killed
 * goes on with the step in which it ended:
 *
 *     rows.f64 grows ─▶ rows.f64 is whole (─▶ part.json, in a federated order) ─▶ result.json ─▶ the hub has it, and the folder goes; or with a shadow:
 *     shadow.f64 grows ─▶ shadow.f64 is whole ─▶ shadow.json ─▶ the hub has it, and the folder goes
 */
import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LearningOrder, LearningProgress } from '@skerry/contract/held/learnings'
import { type LearningSpec, rowsWantedOf } from '@skerry/contract/learning/learning'
import type { CovariancePart } from '@skerry/contract/learning/result'
import type { LearningId } from '@skerry/contract/values/ids'
import { createStillness } from '@skerry/core/learning/stillness'
import { createWholeWindows } from '@skerry/core/learning/whole-windows'
import { learnRows } from '@skerry/inference/learn/learn-rows'
import { countRows, rowChunks } from '@skerry/inference/learn/recorded-rows'
import type { FileSystem } from '@skerry/platform/files/file-system'
import { type CollectDeps, type Collecting, collectRows } from './collect-rows.ts'
import { writeFailure } from './failure.ts'
import type { MarksForTraining } from './history.ts'
import { keepOwnValues, partIn } from './learn-together.ts'
import { copyRecording, type RecordingProblem } from './recordings.ts'
import { runShadow } from './run-shadow.ts'
import { type SendDeps, sendResult } from './send-result.ts'

export type LearningDeps = CollectDeps &
  SendDeps & {
    clock: CollectDeps['clock']
    /** The folder of all learnings. */
    folder: string
    /** The data folder of the agent, in which recordings are. */
    data: string
    memoryAvailableBytes(): number
    fileSystem: FileSystem
    /** The joined part of all devices of an order, as soon as the hub has it. */
    jointOf(learning: LearningId, signal: AbortSignal): Promise<CovariancePart>
    /** The marks of people that count when a training begins. */
    marksFor(spec: LearningSpec): MarksForTraining
    /** One learning trains at a time. */
    inTurn<T>(work: () => Promise<T>): Promise<T>
  }

export type ProgressNews = Pick<LearningProgress, 'phase' | 'rows' | 'problem' | 'shadow'>

/** A forest and an auto-encoder of 200,000 rows take some minutes on a small processor. */
const TRAINING_MS_MAX = 3_600_000

/** Node and the runtime take some 130 MB of it, and the rows and their windows the rest. */
const MEMORY_MIN = 600 * 1024 ** 2

/** Models that serve get the other half. */
const MEMORY_SHARE = 0.5

/** Rejects by the signal, or with the reason why it cannot go on. The rows then stay until the hub drops the order. */
export async function runLearning(
  deps: LearningDeps,
  order: LearningOrder,
  tell: (news: ProgressNews) => void,
  signal: AbortSignal,
): Promise<void> {
  const folder = join(deps.folder, order.learning)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const paths = {
    rowsPath: join(folder, 'rows.f64'),
    outPath: join(folder, 'result.json'),
    shadowRowsPath: join(folder, 'shadow.f64'),
  }
  if (!(await isThere(paths.shadowRowsPath))) {
    const isShadowed = await learnAndSend(deps, { order, ...paths }, tell, signal)
    if (!isShadowed) return void (await rm(folder, { recursive: true, force: true }))
    await writeFile(paths.shadowRowsPath, '', { mode: 0o600 })
  }
  // The rows of the learning have done their work, and those of the shadow need the room.
  await rm(paths.rowsPath, { force: true })
  await runShadow(deps, { order, ...paths, limits: limitsOf(deps) }, tell, signal)
  await rm(folder, { recursive: true, force: true })
}

/** Whether the hub wants to see the detector in shadow. */
async function learnAndSend(
  deps: LearningDeps,
  { order, rowsPath, outPath }: Pick<Training, 'order' | 'rowsPath' | 'outPath'>,
  tell: (news: ProgressNews) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let rows = 0
  if (!(await isThere(outPath))) {
    const { spec, together } = order
    const seen = await seenRows(rowsPath, spec)
    const onRow = (count: number, trouble: string | undefined) => {
      rows = count
      const problem = trouble ?? seen.windows.lack(rows) ?? seen.still.warning()
      tell({ phase: 'collect', rows, ...(problem !== undefined && { problem: problem.slice(0, 500) }) })
    }
    const needsMore = (count: number) => seen.windows.lack(count) !== undefined
    const collecting = { spec, wanted: rowsWantedOf(spec), rowsPath, onRow, onValues: seen.add, needsMore }
    const problem = await takeRows(deps, collecting, signal)
    tell({ phase: 'train', rows })
    if (problem) await writeFailure(outPath, problem)
    else if (!together) await trainInTurn(deps, { order, rowsPath, outPath, work: 'learn' }, signal)
    else {
      const wait = () => tell({ phase: 'train', rows, problem: WAITS })
      if (!(await trainTogether(deps, { order, rowsPath, outPath, wait }, signal))) return false
    }
  }
  if (order.together) await keepOwnValues(deps, order.together, outPath)
  tell({ phase: 'publish', rows })
  return (await sendResult(deps, { order, outPath }, signal))?.shadow === true
}

const WAITS = 'the device has sent its part, and waits for those of the other devices'

type TrainingTogether = Pick<Training, 'order' | 'rowsPath' | 'outPath'> & { wait(): void }

/** Whether there is a result to send. */
async function trainTogether(deps: LearningDeps, it: TrainingTogether, signal: AbortSignal): Promise<boolean> {
  const { order, rowsPath, outPath } = it
  const partPath = join(deps.folder, order.learning, 'part.json')
  if (!(await isThere(partPath))) await trainInTurn(deps, { order, rowsPath, outPath: partPath, work: 'part' }, signal)
  const own = await partIn(partPath)
  const reply = await sendResult(deps, { order, outPath: partPath }, signal)
  if (!own || !reply?.taken) return false
  it.wait()
  const all = await deps.jointOf(order.learning, signal)
  await trainInTurn(deps, { order, rowsPath, outPath, work: 'learn', joint: { own, all } }, signal)
  return true
}

/** Knows the rows that are on the disk already. */
async function seenRows(rowsPath: string, spec: LearningSpec) {
  const { tags } = spec
  const still = createStillness(tags)
  const windows = createWholeWindows(spec, rowsWantedOf(spec))
  const add = (values: ArrayLike<number>, timeMs: number) => {
    still.add(values)
    windows.add(timeMs)
  }
  for await (const rows of rowChunks(rowsPath, tags.length))
    for (const row of rows)
      add(
        Array.from(tags, (_, at) => row.readDoubleLE(8 * (at + 1))),
        row.readDoubleLE(0),
      )
  return { still, windows, add }
}

/** Collects rows, or takes those of a recording. The problem is that of the recording. */
async function takeRows(
  deps: LearningDeps,
  collecting: Collecting & { spec: LearningSpec },
  signal: AbortSignal,
): Promise<RecordingProblem | undefined> {
  const { spec, rowsPath, onRow } = collecting
  if (spec.recording === undefined) {
    await collectRows(deps, collecting, signal)
    return undefined
  }
  const problem = await copyRecording(deps.data, spec, rowsPath)
  if (!problem) onRow(await countRows(rowsPath, spec.tags.length), undefined)
  return problem
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

type Training = {
  order: LearningOrder
  rowsPath: string
  outPath: string
  work: 'learn' | 'part'
  joint?: { own: CovariancePart; all: CovariancePart }
}

/** A learning that is cancelled does not wait for the training of another. Its own training ends first. */
async function trainInTurn(deps: LearningDeps, training: Training, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>()
  let hasBegun = false
  const abort = () => hasBegun || aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const trained = deps.inTurn(() => {
    hasBegun = true
    return train(deps, training, signal)
  })
  try {
    await Promise.race([trained, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function train(deps: LearningDeps, { order, ...paths }: Training, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const { tags, everyMs, samples, falseAlarmDays, accept, recording } = order.spec
  const work = {
    ...paths,
    ...deps.marksFor(order.spec),
    tags,
    everyMs,
    samples,
    falseAlarmDays,
    accept,
    recording,
    seed: order.seed,
  }
  const result = await learnRows(work, limitsOf(deps), signal)
  if (!result.ok) await writeFailure(paths.outPath, { ...result, advice: SMALLER })
}

const limitsOf = ({ memoryAvailableBytes }: LearningDeps) => ({
  timeMs: TRAINING_MS_MAX,
  memoryBytes: Math.max(MEMORY_MIN, memoryAvailableBytes() * MEMORY_SHARE),
})

const SMALLER = 'start the learning again with fewer tags, fewer samples or a longer time between rows'
