/** Signing keys and rules of trust. */
import type { Noun } from '../nouns/noun.ts'
import { signingKeyHandlers, trustHandlers } from './trust-handlers.ts'

type Handlers = {
  signingKey: typeof signingKeyHandlers
  trust: typeof trustHandlers
}

const handlers: Handlers = { signingKey: signingKeyHandlers, trust: trustHandlers }

export const trustNoun = {
  handlers,
  purge: [
    ['trust_policies', ['organisation_id']],
    ['signing_keys', ['organisation_id', 'key_id']],
  ],
  raises: { signingKey: ['keys', 'models'], trust: ['keys', 'models'] },
} satisfies Noun
