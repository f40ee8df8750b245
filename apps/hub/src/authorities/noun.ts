/** The authorities that sign the certificates of devices. */
import type { Noun } from '../nouns/noun.ts'
import { authorityHandlers } from './authority-handlers.ts'

type Handlers = {
  authority: typeof authorityHandlers
}

const handlers: Handlers = { authority: authorityHandlers }

export const authorityNoun = {
  handlers,
} satisfies Noun
