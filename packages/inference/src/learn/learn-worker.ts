/** The thread of a learning: reads the rows, compares candidates or tries one, and writes the result for the hub. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { LearningOutcome } from '@skerry/contract/learning/learning'
import { type CovariancePart, LearningResult } from '@skerry/contract/learning/result'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import type { FeatureProfile } from '@skerry/contract/monitors/profile'
import { LearningMarkId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { shadowOf } from '@skerry/core/learning/shadow'
import { type Feature, featuresOf, largestOf, profileOf } from '@skerry/core/monitors/profile'
import { assertNever } from '@skerry/core/values/assert-never'
import { SCORE, SHARE, WINDOW } from '@skerry/onnx/learn/detector-model'
import { type JointPart, withoutPart } from '@skerry/onnx/learn/joint'
import { type LearnedDetector, learnDetector, learnPart, runDetector } from '@skerry/onnx/learn/learn'
import type { Feed, RunModel } from '@skerry/onnx/learn/run-model'
import { gapOf, joinRows, pickTags, type TagRows } from '@skerry/onnx/learn/windows'
import { InferenceSession, Tensor } from '../runtime/onnx-runtime.ts'
import type { LearnRowsOrder, LearnRowsResult } from './learn-rows.ts'
import { readRows } from './recorded-rows.ts'
import { tryDetector } from './try-detector.ts'

/** One thread: the other processors belong to the models that serve. */
const SESSION = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 } as const

async function work(order: LearnRowsOrder): Promise<LearnRowsResult> {
  switch (order.work) {
    case 'learn':
      return learn(order)
    case 'part':
      return learnOwnPart(order)
    case 'try':
      return tryOnRows(order)
    default:
      return assertNever(order)
  }
}

type LearnOrder = Exclude<LearnRowsOrder, { work: 'try' }>
type TryOrder = Extract<LearnRowsOrder, { work: 'try' }>

async function tryOnRows(order: TryOrder): Promise<LearnRowsResult> {
  const { detector, outcome } = LearningResult.parse(JSON.parse(await readFile(order.resultPath, 'utf8')))
  if (!detector) throw new Error('the result has no detector to try')
  const collected = await readRows(order.rowsPath, order.tags, order.everyMs)
  // The detector may leave out a constant tag, which the rows have.
  const tags = outcome.tags.map(({ tag }) => tag)
  const recording = { ...collected, rows: pickTags(collected.rows, tags) }
  await using runner = createRunner()
  const model = Buffer.from(detector.model, 'base64')
  const points = await tryDetector(runner.run, { model, samples: order.samples, recording })
  const shadow = shadowOf(points, { rows: recording.collected, rowsWanted: order.rowsWanted })
  await writeFile(`${order.outPath}.part`, JSON.stringify(shadow))
  await rename(`${order.outPath}.part`, order.outPath)
  return { ok: true }
}

async function learn(order: LearnOrder): Promise<LearnRowsResult> {
  const { collected, marked, ...facts } = await readCollected(order)
  await using runner = createRunner()
  const { run } = runner
  const others = order.joint && withoutPart(numbersOf(order.joint.all), numbersOf(order.joint.own))
  const { detector, ...learned } = await learnDetector({
    ...collected,
    order: { ...order, ...(others && { others }) },
    run,
    signal: new AbortController().signal,
  })
  const outcome: LearningOutcome = {
    ...facts,
    ...learned,
    ...(detector && { chosen: detector.kind, tail: detector.tail }),
    ...(marked && { marked: { ...marked, raised: detector?.raised ?? 1 } }),
  }
  const result: LearningResult = {
    outcome,
    canShadow: true,
    ...(detector && {
      detector: await detectorOf({ ...order, tags: learned.tags.map(({ tag }) => tag) }, detector, run),
    }),
  }
  return writeResult(order.outPath, result)
}

/** Without a part, the findings say why. */
async function learnOwnPart(order: LearnOrder): Promise<LearnRowsResult> {
  const { collected, marked, ...facts } = await readCollected(order)
  const { part, findings } = learnPart({ ...collected, order })
  const outcome: LearningOutcome = {
    ...facts,
    candidates: [],
    tags: [],
    findings,
    ...(marked && { marked: { ...marked, raised: 1 } }),
  }
  return writeResult(order.outPath, { outcome, ...(part && { part: textOf(part) }) })
}

async function writeResult(path: string, result: LearningResult): Promise<LearnRowsResult> {
  await writeFile(`${path}.part`, JSON.stringify(result))
  await rename(`${path}.part`, path)
  return { ok: true }
}

const textOf = ({ rows, covariance, units }: JointPart): CovariancePart => ({
  rows,
  covariance: base64Of(covariance),
  units: base64Of(units),
})

const numbersOf = ({ rows, covariance, units }: CovariancePart): JointPart => ({
  rows,
  covariance: floatsIn(Buffer.from(covariance, 'base64')),
  units: floatsIn(Buffer.from(units, 'base64')),
})

/** The bytes are copied: floats must begin at a multiple of four. */
const floatsIn = (bytes: Uint8Array) => new Float32Array(new Uint8Array(bytes).buffer)

/** The rows, those of marks, and the facts about them for the outcome. */
async function readCollected(order: LearnOrder) {
  const { tags, everyMs, leftOut } = order
  const recording = await readRows(order.rowsPath, tags, everyMs, leftOut)
  const { rows, collected, startedAtMs, endedAtMs } = recording
  const normal = await normalRows(order)
  const isMarked = order.normal.length + leftOut.length > 0
  return {
    collected: { rows, ...(normal.rows && { normal: normal.rows }) },
    rows: collected,
    startedAtMs,
    endedAtMs,
    ...(order.recording !== undefined && { recording: Name.parse(order.recording) }),
    ...(isMarked && {
      marked: {
        marks: [...order.normal, ...leftOut].map(({ mark }) => LearningMarkId.parse(mark)),
        rows: normal.collected,
        leftOut: recording.leftOut,
      },
    }),
  }
}

/** The rows of all marks. No window spans two of them. */
async function normalRows({ normal, tags, everyMs }: LearnOrder) {
  const parts: TagRows[] = []
  let collected = 0
  for (const { path } of normal) {
    const recording = await readRows(path, tags, everyMs)
    collected += recording.collected
    parts.push(recording.rows, gapOf(tags))
  }
  return { collected, ...(collected > 0 && { rows: joinRows(parts) }) }
}

/** Keeps the session of the newest model: most runs are of the one before. */
function createRunner(): AsyncDisposable & { run: RunModel } {
  let model: Uint8Array | undefined
  let session: InferenceSession | undefined
  return {
    async run(bytes, feeds) {
      if (bytes !== model || !session) {
        await session?.release()
        session = await InferenceSession.create(bytes, SESSION)
        model = bytes
      }
      const outputs = await session.run(
        Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, tensorOf(feed)])),
      )
      return Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [name, floatsOf(tensor)]))
    },
    async [Symbol.asyncDispose]() {
      await session?.release()
    },
  }
}

const tensorOf = (feed: Feed) =>
  feed.type === 'float32'
    ? new Tensor('float32', feed.data, [...feed.dims])
    : new Tensor('int64', feed.data, [...feed.dims])

const floatsOf = (tensor: unknown): Float32Array => (tensor as { data: Float32Array }).data

async function detectorOf({ samples, tags }: LearnOrder, detector: LearnedDetector, run: RunModel) {
  const { model, golden, goldenCount, windows } = detector
  const width = samples * tags.length
  const cases = Array.from({ length: goldenCount }, (_, at) => ({
    inputs: {
      [WINDOW]: {
        datatype: 'FP32' as const,
        shape: [1, samples, tags.length],
        data: base64Of(golden.slice(at * width, (at + 1) * width)),
      },
    },
  }))
  const { scores, shares } = await runDetector(run, model, windows, [samples, tags.length])
  return {
    model: Buffer.from(model).toString('base64'),
    golden: { cases },
    profile: profileOfDetector({ samples, tags: tags.length, windows, scores, shares }),
  }
}

const base64Of = (values: Float32Array) =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')

type Counted = { samples: number; tags: number; windows: Float32Array; scores: Float32Array; shares: Float32Array }

/** Counts of the recorded windows and of the answers to them. */
function profileOfDetector({ samples, tags, ...of }: Counted): FeatureProfile[] {
  const spec = (name: string, shape: number[]): TensorSpec => ({ name, datatype: 'FP32', shape })
  const { features } = featuresOf({
    inputs: [spec(WINDOW, [-1, samples, tags])],
    outputs: [spec(SCORE, [-1, 1]), spec(SHARE, [-1, tags])],
  })
  const tensors: Record<string, Float32Array> = { [WINDOW]: of.windows, [SCORE]: of.scores, [SHARE]: of.shares }
  return features.map((feature) => profileOf(feature, valuesOf(feature, tensors[feature.tensor] ?? of.scores, tags)))
}

function valuesOf({ column, isClass }: Feature, values: Float32Array, tags: number): number[] {
  if (isClass)
    return Array.from({ length: values.length / tags }, (_, row) =>
      largestOf(Array.from(values.subarray(row * tags, (row + 1) * tags))),
    )
  if (column === undefined) return Array.from(values)
  return Array.from({ length: values.length / tags }, (_, row) => values[row * tags + column] ?? Number.NaN)
}

void work(workerData as LearnRowsOrder).then(
  (result) => parentPort?.postMessage(result),
  (cause: unknown) => {
    throw cause
  },
)
