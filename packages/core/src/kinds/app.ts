/** The rules of core for apps. */
import { Serving } from '@skerry/contract/models/serving'
import { configProblems } from '../apps/app-config.ts'
import { passed } from '../deployments/placement-answer.ts'
import { canonicalJson } from '../values/canonical-json.ts'
import type { KindRules } from './kind-rules.ts'

/** A container engine runs the app; the serving settings of a deployment do not apply to it. */
const CONTAINERS = Serving.parse({})

export const appRules: KindRules<'app'> = {
  specOf: ({ config }) => (config ? { config } : {}),
  deploymentProblem({ strategy: { shadow }, config = {} }, { config: schema }) {
    if (shadow) {
      return 'an app gets no copy of the requests, so it cannot be a shadow; deploy it without a shadow, or in waves'
    }
    const [problem] = configProblems(schema, config)
    return problem && `the setting ${problem.setting} ${problem.message}`
  },
  serving: () => CONTAINERS,
  settings: ({ config }) => config && canonicalJson(config),
  shadow: () => undefined,
  capable: {
    yes: 'it has a container engine',
    no: 'the device has no container engine, or its agent is too old to run apps; install Docker or update the agent',
  },
  fit: () => passed('an app needs no opset'),
  // Models come first: they answer requests, and an app that calls them waits for its own health check.
  rank: 2,
  hold: () => undefined,
  afterCrashes: 'is started again by its container engine',
}
