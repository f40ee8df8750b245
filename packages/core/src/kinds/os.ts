/** The rules of core for images of operating systems. */
import { Serving } from '@skerry/contract/models/serving'
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'

/** The device boots the image. The serving settings of a deployment do not apply. */
const BOOTED = Serving.parse({})

export const osRules: KindRules<'os'> = {
  specOf: () => ({}),
  deploymentProblem({ strategy: { shadow, switchOver }, config = {} }) {
    if (shadow) return 'a device runs one operating system, so an image cannot be a shadow; deploy it in waves'
    if (switchOver) {
      return 'a device cannot prepare an image and install it later on an order; deploy it in waves, with a window'
    }
    const [setting] = Object.keys(config)
    return setting === undefined ? undefined : `an image has no settings, so it has no ${setting}`
  },
  serving: () => BOOTED,
  shadow: () => undefined,
  capable: {
    yes: 'it updates its operating system',
    no: 'the device has no updater of its operating system that the hub can reach; start its agent with --allow-os, or add the updater with "skerry device ddi add"',
  },
  fit: () => passed('an image needs no opset'),
  memoryBytes: 0,
  rank: 4,
  hold: () => undefined,
  afterCrashes: 'is booted again by the device',
}
