/** Row plan: the rows that a device trains on, in the order of a seed, and those that it only evaluates. */
import { stepsOfPass } from '@skerry/core/campaigns/scaffold'
import type { DataSet } from './data-set.ts'

/** Each tenth row is held out, in every round, so that evaluations of rounds can be compared. A set may choose itself. */
const HELD_OUT = 10

type Rows = Pick<DataSet, 'rows' | 'held'>

export const trainingRows = (set: Rows): number[] => rowsWhere(set.rows, (row) => !isHeldOut(set, row))

export const heldOutRows = (set: Rows): number[] => rowsWhere(set.rows, (row) => isHeldOut(set, row))

const isHeldOut = ({ held }: Rows, row: number) => (held ? held[row] === 1 : row % HELD_OUT === HELD_OUT - 1)

const rowsWhere = (rows: number, isWanted: (row: number) => boolean) =>
  Array.from({ length: rows }, (_, row) => row).filter(isWanted)

export type StepPlan = { rows: readonly number[]; epochs: number; batchSize: number; seed: number }

/** The rows of each step, one step after the other. Rows that do not fill a step wait for the next epoch's shuffle. */
export function planSteps({ rows, epochs, batchSize, seed }: StepPlan): BigInt64Array {
  const random = randomOf(seed)
  const each = stepsOfPass({ batchSize }, rows.length)
  const plan = new BigInt64Array(epochs * each * batchSize)
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const order = shuffled(rows, random)
    const start = epoch * each * batchSize
    for (let i = 0; i < each * batchSize; i += 1) plan[start + i] = BigInt(order[i % order.length] ?? 0)
  }
  return plan
}

/** [Fisher and Yates] */
function shuffled(rows: readonly number[], random: () => number): number[] {
  const order = [...rows]
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1))
    const kept = order[i] ?? 0
    order[i] = order[j] ?? 0
    order[j] = kept
  }
  return order
}

/** [mulberry32] A small generator that gives the same numbers on every device. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
