/**
 * Train model: runs the training model of a campaign on the rows of a device, in a process of its own under limits of time
 * and memory. The end of a model that takes too much of either is a value here.
 */
import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CampaignEvaluation } from '@skerry/contract/campaigns/update'
import type { SurveyLayout } from '@skerry/core/campaigns/survey'
import type { SourceFile } from '../runtime/model-source.ts'
import { inLimitedChild, untilLargerThan } from '../seat/limited-child.ts'
import type { HandedRows, RowPart } from './handed-rows.ts'
import type { RowSource, SentRows } from './row-source.ts'

/** Weights by their names, in an order. */
export type NamedShapes = readonly { name: string; shape: readonly number[] }[]

/** The values that a device keeps from round to round: its own weights, its corrections, and the rest of rounding. */
type KeptState = {
  /** The file; it need not exist. */
  path: string
  /** The file of the values after this training. */
  nextPath: string
}

/** An order of a campaign, without the place of its rows. */
export type TrainTask = {
  kind: 'train' | 'evaluate'
  trainingModel: SourceFile
  evaluationModel: SourceFile
  /** Little-endian float32, in the order of the parameters. */
  weights: SourceFile
  parameters: NamedShapes
  /** The weights that stay on the device, and the values they begin with. */
  personal?: { start: SourceFile; parameters: NamedShapes }
  /** Steps are corrected; the mean correction of all devices is zero without a file. */
  control?: { mean?: SourceFile }
  /** The update is compressed. */
  compression?: 'int8'
  /** Needed with `personal`, `control` and `compression`. */
  state?: KeptState
  /** The needs of the campaign, checked again by the process that reads the rows. */
  row: {
    shape: readonly number[]
    classes?: number | undefined
    /** The shape of the numbers of a row. `isShare`: all are from 0 to 1. */
    targets?: { shape: readonly number[]; isShare: boolean } | undefined
  }
  epochs: number
  batchSize: number
  learningRate: number
  proximal?: number
  clipNorm?: number
  seed: number
  /** The training goes on from this file, and writes it so often, if its model can be run in parts. */
  checkpoint?: { path: string; everyMs: number }
  /** The file of the new weights. Only the state and the checkpoint are written too. */
  outPath: string
}

export type TrainOrder = TrainTask & { rows: RowSource }

export type TrainLimits = { timeMs: number; memoryBytes: number }

export type TrainCode = 'training_refused' | 'training_timeout' | 'training_memory_exceeded' | 'training_crashed'

export type TrainFailure = { ok: false; code: TrainCode; message: string }

export type TrainResult =
  | {
      ok: true
      rows: number
      /** All rows of the set, also those that were held out, and the digest of the set. Absent without a training. */
      data?: { rows: number; digest: string }
      trainLoss?: number
      before: CampaignEvaluation
      peakBytes: number
      /** The steps that an earlier run of this training had done. */
      resumedAt?: number
    }
  | TrainFailure

/** The rows of the device are counted. */
export type CountOrder = {
  kind: 'survey'
  rows: RowSource
  layout: SurveyLayout
  /** The file of the words. */
  outPath: string
}

/** An order as its process gets it. */
export type Sent<Order extends { rows: RowSource }> = Omit<Order, 'rows'> & { rows: SentRows }

/** Counts the rows, in the same process and under the same limits as a training. */
export const countData = (order: CountOrder, limits: TrainLimits, signal: AbortSignal): Promise<CountResult> =>
  inTrainChild(order, limits, signal)

export type CountResult = { ok: true; rows: number; peakBytes: number } | TrainFailure

/** Trains, or only evaluates. Rejects only when the signal fires, or no process can be started. */
export const trainModel = (order: TrainOrder, limits: TrainLimits, signal: AbortSignal): Promise<TrainResult> =>
  inTrainChild(order, limits, signal)

function inTrainChild<Result>(
  order: TrainOrder | CountOrder,
  limits: TrainLimits,
  signal: AbortSignal,
): Promise<Result | TrainFailure> {
  const work = (child: ChildProcess, ending: AbortSignal) => {
    const result = resultOf<Result>(child)
    return Promise.race([
      result,
      sendOrder(child, order, ending),
      tooLong(limits, ending),
      tooLarge(child, limits, ending),
    ])
  }
  return inLimitedChild('../train/train-child', work, signal)
}

/** Rejects if the rows cannot be read. A child that is gone already reports that by its exit. */
async function sendOrder(child: ChildProcess, order: TrainOrder | CountOrder, ending: AbortSignal): Promise<never> {
  const { rows } = order
  await sendPart(child, { ...order, rows: 'handed' in rows ? { awaited: rows.handed.facts } : rows })
  if ('handed' in rows) await handOver(child, rows.handed, ending)
  return new Promise(() => {})
}

/** One part is on its way at a time, so that the rows are not twice in memory. */
async function handOver(child: ChildProcess, { parts }: HandedRows, ending: AbortSignal): Promise<void> {
  for await (const part of parts()) {
    if (ending.aborted) return
    await sendPart(child, part)
  }
  await sendPart(child, 'end')
}

/** Resolves when the pipe has taken it. */
const sendPart = (child: ChildProcess, part: Sent<TrainOrder> | Sent<CountOrder> | RowPart | 'end'): Promise<void> =>
  new Promise((resolve) => void child.send(part, () => resolve()))

function resultOf<Result>(child: ChildProcess): Promise<Result | TrainFailure> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Result))
    child.once('error', (cause) => reject(new Error('starting a training', { cause })))
    child.once('exit', (code, signal) => {
      const message = `the training ended with ${signal ?? `code ${code}`}`
      resolve({ ok: false, code: 'training_crashed', message })
    })
  })
}

async function tooLong({ timeMs }: TrainLimits, ending: AbortSignal): Promise<TrainFailure> {
  await sleep(timeMs, undefined, { signal: ending })
  const message = `the training took longer than ${Math.round(timeMs / 1_000)} s, the time until the deadline`
  return { ok: false, code: 'training_timeout', message }
}

async function tooLarge(child: ChildProcess, { memoryBytes }: TrainLimits, ending: AbortSignal): Promise<TrainFailure> {
  await untilLargerThan(memoryBytes, child, ending)
  const message = `the training took more than ${memoryBytes} bytes of memory`
  return { ok: false, code: 'training_memory_exceeded', message }
}
