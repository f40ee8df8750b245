/**
 * Scaffold: [Karimireddy 2020, SCAFFOLD, option II] each device corrects its steps by the difference between its own
 * direction and the mean direction of all devices. Both follow from weights that are sent anyway, so an update stays as
 * large as with a plain mean.
 */
import type { CampaignTraining } from '@skerry/contract/campaigns/training'
import { weightOfRows } from './strategy.ts'

type LocalTraining = Pick<CampaignTraining, 'epochs' | 'batchSize' | 'learningRate'>

/** The steps of one pass over so many rows. Rows that do not fill a step wait for the next pass. */
export const stepsOfPass = ({ batchSize }: Pick<LocalTraining, 'batchSize'>, rows: number): number =>
  Math.max(1, Math.floor(rows / batchSize))

/** How far the weights moved for each step, divided by the learning rate: the mean corrected gradient, negated. */
const rateOf = ({ epochs, learningRate, ...training }: LocalTraining, rows: number): number =>
  1 / (epochs * stepsOfPass(training, rows) * learningRate)

type Trained = { start: Float32Array; trained: Float32Array; rows: number; training: LocalTraining }

/** The direction of a device after a round: its own one before, without the mean one, plus the way that it went. */
export function nextControl(own: Float32Array, mean: Float32Array, it: Trained): Float32Array {
  const rate = rateOf(it.training, it.rows)
  return own.map((value, at) => value - (mean[at] ?? 0) + rate * ((it.start[at] ?? 0) - (it.trained[at] ?? 0)))
}

/** The correction that is added to each gradient. */
export const correctionOf = (own: Float32Array, mean: Float32Array): Float32Array =>
  mean.map((value, at) => value - (own[at] ?? 0))

/** Takes the updates of a round one after the other. */
type ControlMixer = {
  add(values: Float32Array, rows: number): void
  /** The mean direction of all devices after the round. */
  next(): Float32Array
}

export type ControlFacts = { start: Float32Array; mean: Float32Array; training: LocalTraining; fleet: number }

/** The change of a device's direction has no part of the direction itself, so the hub need not know it. */
export function createControlMixer({ start, mean, training, fleet }: ControlFacts): ControlMixer {
  const sum = new Float64Array(start.length)
  let counted = 0
  let total = 0
  return {
    add(values, rows) {
      const share = weightOfRows(rows)
      const factor = share * rateOf(training, rows)
      for (let at = 0; at < sum.length; at += 1)
        sum[at] = (sum[at] ?? 0) + factor * ((start[at] ?? 0) - (values[at] ?? 0))
      counted += 1
      total += share
    },
    next() {
      // Devices that were not in the round keep their direction.
      const part = Math.min(1, counted / Math.max(1, fleet))
      return mean.map((value, at) => (total === 0 ? value : value + part * ((sum[at] ?? 0) / total - value)))
    },
  }
}
