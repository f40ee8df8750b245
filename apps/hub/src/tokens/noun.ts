/** Join tokens. */
import { tokenTag } from '@skerry/contract/values/entity-tag'
import { JoinTokenId } from '@skerry/contract/values/ids'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { tokenHandlers } from './token-handlers.ts'
import { findToken, tokenOf } from './token-store.ts'

const findTokenTag: FindTag = async ({ db, organisationId, named }) => {
  const id = JoinTokenId.safeParse(named('token')).data
  const row = id && (await findToken(db, { organisationId, id }))
  return row && tokenTag(tokenOf(row))
}

type Handlers = {
  token: typeof tokenHandlers
}

const handlers: Handlers = { token: tokenHandlers }

export const tokenNoun = {
  handlers,
  purge: [['join_tokens', ['id']]],
  entityTags: { token: findTokenTag },
  raises: { token: ['tokens'] },
} satisfies Noun
