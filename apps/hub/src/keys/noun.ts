/** The noun of API keys. */
import { keyTag } from '@skerry/contract/values/entity-tag'
import { KeyId } from '@skerry/contract/values/ids'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { keyHandlers } from './key-handlers.ts'
import { findKey, storedKey } from './key-store.ts'

const findKeyTag: FindTag = async ({ db, organisationId, named }) => {
  const id = KeyId.safeParse(named('key')).data
  const row = id && (await findKey(db, id))
  return row?.organisation_id === organisationId ? keyTag(storedKey(row)) : undefined
}

type Handlers = {
  key: typeof keyHandlers
}

const handlers: Handlers = { key: keyHandlers }

export const keyNoun = {
  handlers,
  purge: [['keys', ['id']]],
  entityTags: { key: findKeyTag },
  raises: { key: ['keys'] },
} satisfies Noun
