/** Commands to one device, whose answer the caller awaits. */
import type { Noun } from '../nouns/noun.ts'
import { appCommandHandlers } from './app-command-handlers.ts'
import { commandHandlers } from './command-handlers.ts'
import { languageHandlers } from './language-handlers.ts'
import { flowLookHandlers, sourceLookHandlers } from './looks/look-handlers.ts'
import { sinkCommandHandlers } from './sink-command-handlers.ts'
import { sourceCommandHandlers } from './source-command-handlers.ts'

type Handlers = {
  device: typeof commandHandlers & typeof languageHandlers
  source: typeof sourceCommandHandlers & typeof sourceLookHandlers
  sink: typeof sinkCommandHandlers
  flow: typeof flowLookHandlers
  app: typeof appCommandHandlers
}

const handlers: Handlers = {
  device: { ...commandHandlers, ...languageHandlers },
  source: { ...sourceCommandHandlers, ...sourceLookHandlers },
  sink: sinkCommandHandlers,
  flow: flowLookHandlers,
  app: appCommandHandlers,
}

export const commandNoun = {
  handlers,
} satisfies Noun
