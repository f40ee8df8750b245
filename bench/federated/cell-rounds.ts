/**
 * Cells of the tables of [McMahan et al., 2017], Communication-Efficient Learning of Deep Networks from Decentralized
 * Data: 100 virtual clients with 600 digits each, of which ten train in a round. The number of rounds until the mean of
 * their weights first reaches the target on the 10,000 test digits.
 */
import { evaluationModel } from '@skerry/onnx/train/evaluation-model'
import { readParameters } from '@skerry/onnx/train/parameters'
import { isTrainingRefusal, startName, type TrainingModel, type TrainingPlan } from '@skerry/onnx/train/plan'
import { type Digits, testDigits, trainDigits } from '../../packages/onnx/test/train/digits.ts'
import { convolutional, twoLayers } from '../../packages/onnx/test/train/paper-models.ts'
import {
  int64,
  randomOf,
  type Session,
  sessionOf,
  trainable,
  trainLocally,
  type Values,
  type Weights,
} from '../../packages/onnx/test/train/train-stage.ts'
import { median } from '../serve-parts/serve-latency.ts'

const CLIENTS = 100
const CHOSEN = 10
const ROWS = 600
const PIXELS = 784
const SEEDS = [1, 2, 3]

type Cell = {
  name: string
  kind: '2NN' | 'CNN'
  /** Two shards of one digit each, for most clients. */
  isSharded: boolean
  epochs: number
  target: number
  /** The rounds of the paper, whose learning rate is tuned for each cell. */
  paper: number
}

const cells: readonly Cell[] = [
  { name: '2NN, IID, E=1, B=10, 97 %', kind: '2NN', isSharded: false, epochs: 1, target: 0.97, paper: 87 },
  { name: '2NN, two shards each, E=1, B=10, 97 %', kind: '2NN', isSharded: true, epochs: 1, target: 0.97, paper: 664 },
  { name: 'CNN, IID, E=1, B=10, 99 %', kind: 'CNN', isSharded: false, epochs: 1, target: 0.99, paper: 34 },
  { name: 'CNN, IID, E=5, B=10, 99 %', kind: 'CNN', isSharded: false, epochs: 5, target: 0.99, paper: 20 },
]

const LR = 0.2
const plan: TrainingPlan = {
  loss: 'cross-entropy',
  optimiser: { name: 'sgd' },
  input: { dataType: 'uint8', scale: 1 / 255 },
  batchSize: 10,
}

export async function cellRounds(kind: Cell['kind']): Promise<object> {
  const results: Record<string, object> = {}
  for (const cell of cells.filter((each) => each.kind === kind)) {
    const rounds: number[] = []
    for (const seed of SEEDS) {
      rounds.push(await roundsTo(cell, seed))
      console.error(`federated: ${cell.name}, seed ${seed}: ${rounds.at(-1)} rounds`)
    }
    results[cell.name] = { rounds, median: median(rounds), goal: cell.paper }
  }
  return { learningRate: LR, seeds: SEEDS, ...results }
}

type Client = { data: Values; labels: Values }

function clientsOf({ images, labels }: Digits, isSharded: boolean, random: () => number): Client[] {
  const rows = Array.from(labels, (_, row) => row)
  const shards = shuffled(
    Array.from({ length: 2 * CLIENTS }, (_, shard) => shard),
    random,
  )
  const order = isSharded ? rows.sort((a, b) => (labels[a] ?? 0) - (labels[b] ?? 0) || a - b) : shuffled(rows, random)
  const half = ROWS / 2
  return Array.from({ length: CLIENTS }, (_, client) => {
    const own = shards
      .slice(2 * client, 2 * client + 2)
      .flatMap((shard) => order.slice(shard * half, (shard + 1) * half))
    const data = new Uint8Array(ROWS * PIXELS)
    for (const [at, row] of own.entries()) data.set(images.subarray(row * PIXELS, (row + 1) * PIXELS), at * PIXELS)
    return {
      data: { shape: [ROWS, PIXELS], data },
      labels: int64(
        [ROWS],
        own.map((row) => labels[row] ?? 0),
      ),
    }
  })
}

/** [Fisher and Yates] In place. */
function shuffled(list: number[], random: () => number): number[] {
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const kept = list[last] ?? 0
    list[last] = list[other] ?? 0
    list[other] = kept
  }
  return list
}

async function roundsTo({ kind, isSharded, epochs, target, paper }: Cell, seed: number): Promise<number> {
  const random = randomOf(seed)
  const clients = clientsOf(trainDigits(), isSharded, random)
  const bytes = kind === '2NN' ? twoLayers(seed) : convolutional(seed)
  const model = trainable(bytes, plan)
  const session = await sessionOf(model.bytes)
  const judge = await judgeOf(bytes)
  let weights: Weights = readParameters(
    bytes,
    model.parameters.map(({ name }) => name),
  )
  let round = 0
  // Twice the rounds of the paper are a miss.
  for (let accuracy = 0; accuracy < target && round < 2 * paper; round++) {
    const chosen = shuffled(
      Array.from(clients, (_, index) => index),
      random,
    ).slice(0, CHOSEN)
    weights = await oneRound(
      { model, session, epochs, random },
      weights,
      chosen.flatMap((index) => clients[index] ?? []),
    )
    accuracy = await judge.accuracy(weights)
  }
  await session.end()
  await judge.session.end()
  return round
}

type Training = { model: TrainingModel; session: Session; epochs: number; random: () => number }

/** The mean of the weights: all clients have as many rows. */
async function oneRound(
  { model, session, epochs, random }: Training,
  weights: Weights,
  chosen: readonly Client[],
): Promise<Weights> {
  const mean = new Map([...weights].map(([name, values]) => [name, new Float32Array(values.length)]))
  for (const client of chosen) {
    const rows = Array.from({ length: epochs }, () =>
      shuffled(
        Array.from({ length: ROWS }, (_, row) => row),
        random,
      ),
    ).flat()
    const trained = await trainLocally(session, model, weights, { ...client, rows, lr: LR }, plan.batchSize)
    for (const [name, values] of trained.weights) {
      const sum = mean.get(name) ?? new Float32Array()
      for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + (values[at] ?? 0) / chosen.length
    }
  }
  return mean
}

async function judgeOf(bytes: Uint8Array) {
  const evaluation = evaluationModel(bytes, plan)
  if (isTrainingRefusal(evaluation)) throw new Error(evaluation.message)
  const session = await sessionOf(evaluation.bytes)
  const { images, labels } = testDigits()
  const count = labels.length
  // A thousand rows at a time: the convolutions of all would take gigabytes.
  const part = 1_000
  const parts = Array.from({ length: count / part }, (_, index) => ({
    data: { shape: [part, PIXELS], data: images.subarray(index * part * PIXELS, (index + 1) * part * PIXELS) },
    labels: int64([part], [...labels.subarray(index * part, (index + 1) * part)]),
  }))
  return {
    session,
    async accuracy(weights: Weights): Promise<number> {
      const starts = evaluation.parameters.map(({ name, shape }) => [
        startName(name),
        { shape, data: weights.get(name) ?? new Float32Array() },
      ])
      let correct = 0
      for (const each of parts) {
        const out = await session.run({ ...Object.fromEntries(starts), ...each })
        correct += Number(out.correct?.data[0])
      }
      return correct / count
    },
  }
}
