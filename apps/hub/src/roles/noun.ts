/** Roles of an organisation. */
import { roleTag } from '@skerry/contract/values/entity-tag'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { roleHandlers } from './role-handlers.ts'
import { revisionOf } from './role-store.ts'

const findRoleTag: FindTag = async ({ db, organisationId, named }) => {
  const name = named('role')
  const revision = await revisionOf(db, organisationId, name)
  return revision === undefined ? undefined : roleTag({ name, revision })
}

type Handlers = {
  role: typeof roleHandlers
}

const handlers: Handlers = { role: roleHandlers }

export const roleNoun = {
  handlers,
  purge: [['roles', ['organisation_id', 'name']]],
  entityTags: { role: findRoleTag },
} satisfies Noun
