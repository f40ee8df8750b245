/** The hub itself, as people and programs ask about it. */
import type { Noun } from '../nouns/noun.ts'
import { hubHandlers } from './about-handlers.ts'

type Handlers = {
  hub: typeof hubHandlers
}

const handlers: Handlers = { hub: hubHandlers }

export const aboutNoun = {
  handlers,
} satisfies Noun
