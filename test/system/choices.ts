/** Choices: what chance decides in a history, each from a stream of its own so that more of one thing does not change another. */
import { randomStream } from '@skerry/agent/simulator/random-stream'
import type { Identifiers } from '@skerry/hub/identity/identifiers'
import { createIdentifiers } from '@skerry/hub/identity/identifiers'
import { anyStrategy } from './any-strategy.ts'

export type Chance = {
  random(): number
  /** Whether what happens with this probability does. */
  is(probability: number): boolean
  one<T>(...options: readonly [T, ...T[]]): T
  /** A whole number from the first to the second. */
  between(low: number, high: number): number
}

/** The same for the same seed and name. */
export function chanceOf(seed: number, name: string): Chance {
  const random = randomStream(seed, name)
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1))
  return {
    random,
    between,
    is: (probability) => random() < probability,
    one: (...options) => options[between(0, options.length - 1)] as (typeof options)[0],
  }
}

/** Ids that are the same for the same seed. */
export function seededIds(seed: number): Identifiers {
  const { between } = chanceOf(seed, 'ids')
  return createIdentifiers((length) => Uint8Array.from({ length }, () => between(0, 255)))
}

const SENSOR = { name: 'sensor', model: 'sensor' } as const
const CAMERA = { name: 'camera', model: 'camera' } as const
/** Wants the same name on the devices as the first, which keeps it where it came first. */
const RIVAL = { name: 'rival', model: 'sensor' } as const
export const DEPLOYMENTS = [SENSOR, CAMERA, RIVAL] as const

export const VERSIONS = { sensor: 5, camera: 3 } as const

/** Any deployment of any version to any devices. */
export function anySpec(chance: Chance): object {
  const { name, model } = chance.one<(typeof DEPLOYMENTS)[number]>(SENSOR, SENSOR, CAMERA, RIVAL)
  return {
    name,
    model,
    version: String(chance.between(1, VERSIONS[model])),
    selector: chance.one('true', 'true', 'device.labels.ring != "spare"', 'device.labels.ring == "test"'),
    probation: { seconds: chance.one(0, 0, 5, 20), failureRateMax: chance.one(0.05, 1) },
    strategy: anyStrategy(chance),
  }
}

/** Where a device stands, for selectors and budgets. */
export const anyLabels = (chance: Chance): Record<string, string> => ({
  ring: chance.one('test', 'main', 'main', 'spare'),
  line: chance.one('a', 'b'),
})
