/** The settings that a deployment of agents can choose, in the form that forms and command lines show. */
import type { ConfigSchema } from '../apps/config-schema.ts'

export const AGENT_SETTINGS = {
  type: 'object',
  properties: {
    allowDowngrade: {
      type: 'boolean',
      title: 'Allow an older version',
      description: 'Devices take a version that is older than theirs. The version before is always allowed.',
      default: false,
    },
  },
} as const satisfies ConfigSchema
