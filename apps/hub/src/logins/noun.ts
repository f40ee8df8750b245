/** Logins of programs that a person confirms in the browser. */
import type { Noun } from '../nouns/noun.ts'
import { loginHandlers } from './login-handlers.ts'
import { ownKeyHandlers } from './own-key-handlers.ts'

type Handlers = {
  account: typeof loginHandlers & typeof ownKeyHandlers
}

const handlers: Handlers = { account: { ...loginHandlers, ...ownKeyHandlers } }

export const loginNoun = {
  handlers,
  purge: [['logins', ['secret_hash']]],
} satisfies Noun
