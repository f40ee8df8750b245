/** Single sign-on with providers. */
import type { Noun } from '../nouns/noun.ts'
import { providerHandlers } from './provider-handlers.ts'
import { unlinkHandlers } from './unlink-provider.ts'

type Handlers = {
  account: typeof providerHandlers & typeof unlinkHandlers
}

const handlers: Handlers = { account: { ...providerHandlers, ...unlinkHandlers } }

export const ssoNoun = {
  handlers,
  purge: [['agreed_mappings', ['organisation_id', 'provider']]],
} satisfies Noun
