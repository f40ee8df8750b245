/** Sessions that a key opened. */
import type { Noun } from '../nouns/noun.ts'
import { sessionHandlers } from './session-handlers.ts'

type Handlers = {
  session: typeof sessionHandlers
}

const handlers: Handlers = { session: sessionHandlers }

export const sessionNoun = {
  handlers,
  purge: [['sessions', ['id_hash']]],
} satisfies Noun
