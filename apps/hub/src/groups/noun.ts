/** Groups: selectors with names. */
import { groupTag } from '@skerry/contract/values/entity-tag'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { groupHandlers } from './group-handlers.ts'
import { findGroup } from './group-store.ts'

type Handlers = { group: typeof groupHandlers }

const handlers: Handlers = { group: groupHandlers }

const findGroupTag: FindTag = async ({ db, organisationId, named }) => {
  const group = await findGroup(db, organisationId, named('group'))
  return group && groupTag(group)
}

export const groupNoun = {
  handlers,
  purge: [['device_groups', ['organisation_id', 'name']]],
  entityTags: { group: findGroupTag },
  raises: { group: ['deployments'] },
} satisfies Noun
