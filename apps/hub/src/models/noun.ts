/** Models, their versions and aliases. */

import { VersionReference } from '@skerry/contract/models/model'
import { aliasTag, modelTag, versionTag } from '@skerry/contract/values/entity-tag'
import type { FindTag, Noun, TagQuestion } from '../nouns/noun.ts'
import { modelChangeHandlers } from './model-change-handlers.ts'
import { modelHandlers } from './model-handlers.ts'
import { findModel, resolveVersion } from './version-store.ts'
import { modelOf } from './version-view.ts'

async function namedModel({ db, organisationId, named }: TagQuestion) {
  const row = await findModel(db, { organisationId, name: named('name') })
  return row && modelOf(db, row)
}

const findModelTag: FindTag = async (question) => {
  const model = await namedModel(question)
  return model && modelTag(model)
}

const findAliasTag: FindTag = async (question) => {
  const model = await namedModel(question)
  return model && aliasTag(model, question.named('alias'))
}

const findVersionTag: FindTag = async ({ db, organisationId, named }) => {
  const reference = VersionReference.safeParse(named('version')).data
  if (reference === undefined) return undefined
  const found = await resolveVersion(db, { organisationId, name: named('name') }, reference)
  return found.ok ? versionTag(found.version) : undefined
}

type Handlers = {
  model: typeof modelHandlers & typeof modelChangeHandlers
}

const handlers: Handlers = { model: { ...modelHandlers, ...modelChangeHandlers } }

export const modelNoun = {
  handlers,
  purge: [
    ['version_parents', ['version_id', 'parent_name', 'parent_version']],
    ['version_lineages', ['version_id']],
    ['version_files', ['version_id', 'path']],
    ['versions', ['id']],
    ['aliases', ['organisation_id', 'name', 'alias']],
    ['models', ['organisation_id', 'name']],
  ],
  entityTags: { model: findModelTag, alias: findAliasTag, version: findVersionTag },
  raises: { model: ['models'] },
} satisfies Noun
