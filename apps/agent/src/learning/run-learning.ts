/**
 * Run learning: one order from the first row to the hub's answer. Each step leaves a file, so that an agent that was killed
 * goes on with the step in which it ended:
 *
 *     rows.f64 grows ─▶ rows.f64 is whole ─▶ result.json ─▶ the hub has it, and the folder goes
 */
import { createReadStream } from 'node:fs'
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { LearningOrder, LearningProgress } from '@skerry/contract/held/learnings'
import { LearningReply, type LearningResult, RESULT_REJECTED } from '@skerry/contract/learning/result'
import { backoffMs } from '@skerry/core/values/backoff'
import { learnRows } from '@skerry/inference/learn/learn-rows'
import type { Log } from '@skerry/platform/process/log'
import type { HubDownload } from '../hub/hub-download.ts'
import { reasonIn } from '../hub/hub-reason.ts'
import { type CollectDeps, collectRows } from './collect-rows.ts'

export type LearningDeps = CollectDeps & {
  /** The folder of all learnings. */
  folder: string
  send: HubDownload['send']
  random: () => number
  memoryAvailableBytes(): number
  log: Pick<Log, 'info' | 'warn'>
  /** One learning trains at a time. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
}

export type ProgressNews = Pick<LearningProgress, 'phase' | 'rows' | 'problem'>

/** A forest and an auto-encoder of 200,000 rows take some minutes on a small processor. */
const TRAINING_MS_MAX = 3_600_000

/** Node and the runtime take some 130 MB of it, and the rows and their windows the rest. */
const MEMORY_MIN = 600 * 1024 ** 2

/** Models that serve get the other half. */
const MEMORY_SHARE = 0.5

const RETRY = { baseMs: 500, maxMs: 30_000 }

/** Rejects by the signal, or with the reason why it cannot go on. The rows then stay until the hub drops the order. */
export async function runLearning(
  deps: LearningDeps,
  order: LearningOrder,
  tell: (news: ProgressNews) => void,
  signal: AbortSignal,
): Promise<void> {
  const folder = join(deps.folder, order.learning)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const rowsPath = join(folder, 'rows.f64')
  const outPath = join(folder, 'result.json')
  let rows = 0
  if (!(await isThere(outPath))) {
    const onRow = (count: number, problem: string | undefined) => {
      rows = count
      tell({ phase: 'collect', rows, ...(problem !== undefined && { problem: problem.slice(0, 500) }) })
    }
    await collectRows(deps, { order, rowsPath, onRow }, signal)
    tell({ phase: 'train', rows })
    await trainInTurn(deps, { order, rowsPath, outPath }, signal)
  }
  tell({ phase: 'publish', rows })
  await sendResult(deps, { order, outPath }, signal)
  await rm(folder, { recursive: true, force: true })
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

type Training = { order: LearningOrder; rowsPath: string; outPath: string }

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
  const { tags, everyMs, samples, falseAlarmDays, accept } = order.spec
  const limits = {
    timeMs: TRAINING_MS_MAX,
    memoryBytes: Math.max(MEMORY_MIN, deps.memoryAvailableBytes() * MEMORY_SHARE),
  }
  const work = { ...paths, tags, everyMs, samples, falseAlarmDays, accept, seed: order.seed }
  const result = await learnRows(work, limits, signal)
  if (!result.ok) await writeFailure(paths, { ...result, advice: SMALLER })
}

const SMALLER = 'start the learning again with fewer tags, fewer samples or a longer time between rows'
const UPDATE = 'update the hub and the agent to the same version, and start the learning again'

/** The hub learns why there is no detector. */
async function writeFailure(
  { outPath }: Pick<Training, 'outPath'>,
  { code, message, advice }: { code: string; message: string; advice: string },
): Promise<void> {
  const outcome = {
    rows: 0,
    startedAtMs: 0,
    endedAtMs: 0,
    candidates: [],
    tags: [],
    findings: [{ code, message: message.slice(0, 500), advice }],
  }
  await writeFile(`${outPath}.part`, JSON.stringify({ outcome } satisfies LearningResult))
  await rename(`${outPath}.part`, outPath)
}

type Sending = Pick<Training, 'order' | 'outPath'>

/** Sends the result until the hub has decided about it. */
async function sendResult(deps: LearningDeps, sending: Sending, signal: AbortSignal): Promise<void> {
  const { learning, spec } = sending.order
  let isRejected = false
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted()
    const answer = await sendOnce(deps, sending, signal)
    if (answer.kind === 'taken') {
      const { taken, reason } = answer.reply
      deps.log.info('learning_reported', { learning: spec.name, taken, ...(reason !== undefined && { reason }) })
      return
    }
    if (answer.kind === 'rejected') {
      const { message } = answer
      deps.log.warn('learning_result_rejected', { learning: spec.name, id: learning, message })
      if (isRejected) return
      // Without an end the hub would wait for ever. A failure has a form that each hub reads.
      isRejected = true
      await writeFailure(sending, { code: RESULT_REJECTED, message, advice: UPDATE })
      continue
    }
    await deps.clock.sleep(backoffMs(tries, RETRY, deps.random()), signal)
  }
}

type Answer = { kind: 'taken'; reply: LearningReply } | { kind: 'rejected'; message: string } | { kind: 'again' }

async function sendOnce({ send }: LearningDeps, { order, outPath }: Sending, signal: AbortSignal): Promise<Answer> {
  const { size } = await stat(outPath)
  const answer = await send(
    {
      method: 'PUT',
      path: `/v1/learning-results/${order.learning}`,
      headers: { 'content-type': 'application/octet-stream' },
      content: { length: size, stream: createReadStream(outPath) },
    },
    signal,
  )
  // A wrong clock or an expired certificate is mended some day, and the rows of a week must not be lost by it.
  if (!answer.ok) return { kind: 'again' }
  const body = parsed(await text(answer.stream))
  if (isPassing(answer.status)) return { kind: 'again' }
  const reply = LearningReply.safeParse(body)
  if (answer.status === 200 && reply.success) return { kind: 'taken', reply: reply.data }
  return { kind: 'rejected', message: reasonIn(body)?.message ?? `the hub answered ${answer.status}` }
}

/** A device in quarantine may come out of it, and a hub may be busy. */
const isPassing = (status: number) => status === 401 || status === 403 || status === 429 || status >= 500

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
