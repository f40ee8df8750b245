/** Selectors, to look at before something depends on them. */
import type { Noun } from '../nouns/noun.ts'
import { selectorHandlers } from './selector-handlers.ts'

type Handlers = {
  selector: typeof selectorHandlers
}

const handlers: Handlers = { selector: selectorHandlers }

export const selectorNoun = {
  handlers,
} satisfies Noun
