/** Git sources: repositories whose documents the hub applies. */
import type { Noun } from '../nouns/noun.ts'
import { startGitSources } from './git-engine.ts'
import { gitSourceHandlers } from './git-source-handlers.ts'

type Handlers = { gitSource: typeof gitSourceHandlers }

const handlers: Handlers = { gitSource: gitSourceHandlers }

export const gitSourceNoun = {
  handlers,
  purge: [['git_sources', ['id']]],
  raises: { gitSource: ['deployments'] },
  engines: [startGitSources],
} satisfies Noun
