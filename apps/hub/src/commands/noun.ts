/** Commands that people send to one device and wait for. */
import type { Noun } from '../nouns/noun.ts'
import { commandHandlers } from './command-handlers.ts'
import { flowLookHandlers, sourceLookHandlers } from './looks/look-handlers.ts'
import { sourceCommandHandlers } from './source-command-handlers.ts'

type Handlers = {
  device: typeof commandHandlers
  source: typeof sourceCommandHandlers & typeof sourceLookHandlers
  flow: typeof flowLookHandlers
}

const handlers: Handlers = {
  device: commandHandlers,
  source: { ...sourceCommandHandlers, ...sourceLookHandlers },
  flow: flowLookHandlers,
}

export const commandNoun = {
  handlers,
} satisfies Noun
