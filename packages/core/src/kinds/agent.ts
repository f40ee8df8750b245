/** The rules of core for agent packages. */
import { Serving } from '@skerry/contract/models/serving'
import { passed } from '../deployments/placement-answer.ts'
import type { KindRules } from './kind-rules.ts'

/** The launcher runs it; the serving settings of a deployment do not apply. */
const LAUNCHED = Serving.parse({})

/** The check of a new version starts its program once, beside the running agent. */
const CHECK_BYTES = 64 * 1024 ** 2

/** The one setting of a deployment of agents. */
const DOWNGRADE = 'allowDowngrade'

export const agentRules: KindRules<'agent'> = {
  specOf: ({ config }) => (config?.[DOWNGRADE] === true ? { allowDowngrade: true } : {}),
  deploymentProblem({ strategy: { shadow }, config = {} }) {
    if (shadow) return 'a device has one agent, so an agent cannot be a shadow; deploy it without a shadow, or in waves'
    const wrong = Object.entries(config).find(([name, value]) => name !== DOWNGRADE || typeof value !== 'boolean')
    return (
      wrong && `an agent has no setting ${wrong[0]} with this value; its only setting is ${DOWNGRADE}, true or false`
    )
  },
  serving: () => LAUNCHED,
  // A device that rejected a downgrade tries again when its deployment allows it.
  settings: ({ allowDowngrade }) => (allowDowngrade ? DOWNGRADE : undefined),
  shadow: () => undefined,
  capable: {
    yes: 'its agent runs under a launcher that can replace it',
    no: 'the agent of the device was not started by a launcher, so nothing can replace it; install it with "skerry device install-command"',
  },
  fit: () => passed('an agent needs no opset'),
  memoryBytes: CHECK_BYTES,
  // Models serve before the device looks after its own software.
  rank: 3,
  hold: () => undefined,
  afterCrashes: 'is started again by its launcher',
}
