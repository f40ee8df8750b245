/** Secrets that devices fetch. */
import { secretTag } from '@skerry/contract/values/entity-tag'
import { SecretId } from '@skerry/contract/values/ids'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { secretHandlers } from './secret-handlers.ts'
import { findSecret } from './secret-store.ts'

const findSecretTag: FindTag = async ({ db, organisationId, named }) => {
  const id = SecretId.safeParse(named('secret')).data
  const row = id && (await findSecret(db, organisationId, id))
  return row && secretTag(row)
}

type Handlers = {
  secret: typeof secretHandlers
}

const handlers: Handlers = { secret: secretHandlers }

export const secretNoun = {
  handlers,
  purge: [
    ['device_secrets', ['device_id']],
    ['secrets', ['id']],
  ],
  entityTags: { secret: findSecretTag },
  raises: { secret: ['secrets'] },
} satisfies Noun
