/** The thread of a training: reads the rows, evaluates the weights of the round, trains, and writes the new weights. */
import { readFile, writeFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { CampaignEvaluation } from '@skerry/contract/campaigns/update'
import { countRows } from '@skerry/core/campaigns/survey'
import * as plan from '@skerry/onnx/train/plan'
import { resumableModel } from '@skerry/onnx/train/resumable-model'
import { readSource, type SourceFile } from '../runtime/model-source.ts'
import { InferenceSession, Tensor } from '../runtime/onnx-runtime.ts'
import type { DataSet } from './data-set.ts'
import {
  correctionFeeds,
  elementsOf,
  feedsOfLine,
  joinLine,
  keepState,
  type OpenState,
  openState,
  updateOf,
} from './kept-state.ts'
import { heldOutRows, planSteps, trainingRows } from './row-plan.ts'
import { readLabelledRows } from './row-source.ts'
import { divideLine, runSteps } from './run-steps.ts'
import { digestOfSet } from './set-digest.ts'
import type { CountOrder, CountResult, Sent, TrainOrder, TrainResult, TrainTask } from './train-model.ts'

/** One thread: the other processors belong to the models that serve. */
const SESSION = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const

type RuntimeTensor = InstanceType<typeof Tensor>

type Feeds = Record<string, RuntimeTensor>

async function work(order: Sent<TrainOrder>): Promise<TrainResult> {
  const read = await readLabelledRows(order.rows)
  if (!read.ok) return refuse(read.message)
  const misfit = misfitOf(order, read.value)
  if (misfit !== undefined) return refuse(misfit)
  const state = await openState(order)
  const starts = state && startsOf(order, state)
  if (!starts) return refuse('the weights of the round have not the size of the model')
  const before = await evaluate(order, read.value, starts)
  const trained = order.kind === 'train' ? await train(order, read.value, state) : { rows: 0 }
  if (!trained) return refuse('the training ended with values that are NaN or infinite')
  return { ok: true, before, peakBytes: await peakBytes(), ...trained }
}

const refuse = (message: string) => ({ ok: false as const, code: 'training_refused' as const, message })

function misfitOf({ row }: TrainTask, { shape, classes, targets = [1], labels }: DataSet): string | undefined {
  if (elementsOf(shape) !== elementsOf(row.shape)) return `a row has the shape [${shape.join(', ')}]`
  const wanted = row.targets
  if (!wanted) {
    if (labels instanceof Float32Array) return 'the labels are numbers, and the campaign needs classes'
    const most = row.classes ?? 0
    return classes > most ? `a label is ${classes - 1}, and the campaign has ${most} classes` : undefined
  }
  if (elementsOf(targets) !== elementsOf(wanted.shape))
    return `the labels of a row have the shape [${targets.join(', ')}]`
  const outside = wanted.isShare ? labels.find((value) => value < 0 || value > 1) : undefined
  return outside === undefined ? undefined : `a label is ${outside}, and a binary loss needs numbers from 0 to 1`
}

/** The weights at the start, by the names of the inputs. */
function startsOf({ parameters, personal }: TrainTask, { shared, own }: OpenState): Feeds | undefined {
  const starts = feedsOfLine(shared, parameters, plan.startName)
  const kept = feedsOfLine(own, personal?.parameters ?? [], plan.startName)
  return starts && kept && { ...starts, ...kept }
}

const sessionOf = (source: SourceFile) => InferenceSession.create(readSource(source), SESSION)

async function evaluate(order: TrainTask, set: DataSet, starts: Feeds): Promise<CampaignEvaluation> {
  const rows = heldOutRows(set)
  if (rows.length === 0) return { rows: 0, correct: 0, lossSum: 0 }
  const session = await sessionOf(order.evaluationModel)
  const outputs = await session.run({ ...starts, ...feedsOf(partOf(set, rows), order.row) })
  await session.release()
  const loss = Number(valuesOf(outputs, plan.MEAN_LOSS)[0] ?? Number.NaN)
  const correct = Number(valuesOf(outputs, plan.CORRECT)[0] ?? 0)
  const error = Number(valuesOf(outputs, plan.MEAN_ERROR)[0] ?? Number.NaN)
  return {
    rows: rows.length,
    correct,
    lossSum: Number.isFinite(loss) ? loss * rows.length : 0,
    ...(Number.isFinite(error) && { errorSum: error * rows.length }),
  }
}

/** The values of an output. None if the model has no such output. */
const valuesOf = (outputs: Record<string, unknown>, name: string) =>
  ((outputs[name] as RuntimeTensor | undefined)?.data ?? []) as ArrayLike<number | bigint>

type Rows = Pick<DataSet, 'data' | 'labels' | 'rows'>

function partOf({ data, labels, shape, targets = [] }: DataSet, rows: readonly number[]): Rows {
  return {
    data: pickedRows(data, elementsOf(shape), rows),
    labels:
      labels instanceof Float32Array
        ? pickedRows(labels, elementsOf(targets), rows)
        : BigInt64Array.from(rows, (row) => labels[row] ?? 0n),
    rows: rows.length,
  }
}

function pickedRows<Values extends Uint8Array | Float32Array>(
  all: Values,
  width: number,
  rows: readonly number[],
): Values {
  const part = all.slice(0, rows.length * width) as Values
  for (const [place, row] of rows.entries()) part.set(all.subarray(row * width, (row + 1) * width), place * width)
  return part
}

function feedsOf({ data, labels, rows }: Rows, { shape, targets }: TrainTask['row']): Feeds {
  const sizes = [rows, ...shape]
  return {
    [plan.DATA]: data instanceof Uint8Array ? new Tensor('uint8', data, sizes) : new Tensor('float32', data, sizes),
    [plan.LABELS]: targets ? targetTensor(labels, [rows, ...targets.shape]) : classTensor(labels),
  }
}

const targetTensor = (labels: Rows['labels'], sizes: readonly number[]) =>
  new Tensor('float32', labels instanceof Float32Array ? labels : Float32Array.from(labels, Number), sizes)

const classTensor = (labels: Rows['labels']) =>
  new Tensor('int64', labels instanceof Float32Array ? BigInt64Array.from(labels, BigInt) : labels, [labels.length])

async function train(order: TrainTask, set: DataSet, state: OpenState) {
  const { epochs, batchSize, seed, learningRate, proximal, clipNorm } = order
  const rows = trainingRows(set)
  const setDigest = digestOfSet(set)
  const resumable = order.checkpoint && resumableModel(readSource(order.trainingModel))
  const session = await (resumable ? InferenceSession.create(resumable.model, SESSION) : sessionOf(order.trainingModel))
  const own = order.personal?.parameters ?? []
  const { weights, losses, resumedAt } = await runSteps({
    session,
    order,
    setDigest,
    start: joinLine([state.shared, state.own]),
    parameters: [...order.parameters, ...own],
    states: resumable?.states,
    fixed: {
      ...feedsOf(set, order.row),
      [plan.LEARNING_RATE]: new Tensor('float32', Float32Array.of(learningRate), []),
      ...(proximal !== undefined && { [plan.PROXIMAL]: new Tensor('float32', Float32Array.of(proximal), []) }),
      ...(clipNorm !== undefined && { [plan.CLIP]: new Tensor('float32', Float32Array.of(clipNorm), []) }),
      ...correctionFeeds(order, state),
    },
    rows: planSteps({ rows, epochs, batchSize, seed }),
    corrections: [state.control, state.mean],
  })
  await session.release()
  const [trained, kept] = divideLine(weights, order.parameters)
  const { bytes, residual } = updateOf(order, state, trained)
  await writeFile(order.outPath, bytes)
  if (!(await keepState(order, state, { trained, own: kept, residual, rows: rows.length }))) return undefined
  const last = losses.slice(-Math.max(1, Math.floor(losses.length / epochs)))
  const trainLoss = last.reduce((sum, loss) => sum + loss, 0) / last.length
  return {
    rows: rows.length,
    data: { rows: set.rows, digest: setDigest.toString('hex') },
    ...(Number.isFinite(trainLoss) && { trainLoss }),
    ...(resumedAt > 0 && { resumedAt }),
  }
}

/** [proc_pid_status(5), VmHWM] The largest memory of this process. */
async function peakBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024
}

/** Counts all rows, also those that are held out of a training. */
async function count({ rows: source, layout, outPath }: Sent<CountOrder>): Promise<CountResult> {
  const read = await readLabelledRows(source)
  if (!read.ok) return refuse(read.message)
  const { rows, shape, classes, labels } = read.value
  if (elementsOf(shape) !== layout.width) return refuse(`a row has the shape [${shape.join(', ')}]`)
  if (labels instanceof Float32Array) return refuse('the labels are numbers, and a survey counts classes')
  if (classes > layout.classes) return refuse(`a label is ${classes - 1}, and the survey has ${layout.classes} classes`)
  const words = countRows(layout, { ...read.value, labels })
  await writeFile(outPath, new Uint8Array(words.buffer, words.byteOffset, words.byteLength))
  return { ok: true, rows, peakBytes: await peakBytes() }
}

const given = workerData as Sent<TrainOrder> | Sent<CountOrder>

void (given.kind === 'survey' ? count(given) : work(given)).then(
  (result) => parentPort?.postMessage(result),
  (cause: unknown) => {
    throw cause
  },
)
