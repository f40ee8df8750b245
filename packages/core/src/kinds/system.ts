/** The rules of core for system releases. The hub sends the parts, so no device uses these rules. */
import { Serving } from '@skerry/contract/models/serving'
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'

/** Each part has its own settings. */
const IN_PARTS = Serving.parse({})

export const systemRules: KindRules<'system'> = {
  specOf: () => ({}),
  deploymentProblem({ strategy: { shadow, switchOver }, config = {} }) {
    if (shadow) return 'a system cannot be a shadow, because its parts run in an order; deploy it in waves'
    if (switchOver) return 'devices cannot prepare a system and switch to it at once; deploy it in waves, with a window'
    const [setting] = Object.keys(config)
    return setting === undefined
      ? undefined
      : `a system has no setting ${setting}; state the settings of its parts in the release`
  },
  serving: () => IN_PARTS,
  shadow: () => undefined,
  capable: {
    yes: 'it can run all parts',
    no: 'no device runs a system as one item; the hub sends the parts',
  },
  fit: () => passed('the device checks the opset of each part'),
  memoryBytes: 0,
  rank: 5,
  hold: () => undefined,
  afterCrashes: 'is returned as a whole',
}
