/** Sites. */
import { siteTag } from '@skerry/contract/values/entity-tag'
import type { FindTag, IsInScope, Noun } from '../nouns/noun.ts'
import { isSiteIn } from '../scopes/scope-rows.ts'
import { siteHandlers } from './site-handlers.ts'
import { findSite } from './site-store.ts'

/** The call that makes a site names it by `name`. */
const findSiteTag: FindTag = async ({ db, organisationId, named }) => {
  const site = await findSite(db, organisationId, named('site') || named('name'))
  return site && siteTag(site)
}

const isKnownSiteIn: IsInScope = async (question, reference) => {
  const site = await findSite(question.db, question.organisationId, reference)
  return site !== undefined && isSiteIn(question, site)
}

type Handlers = {
  site: typeof siteHandlers
}

const handlers: Handlers = { site: siteHandlers }

export const siteNoun = {
  handlers,
  purge: [['sites', ['id']]],
  entityTags: { site: findSiteTag },
  inScope: { site: isKnownSiteIn },
  raises: { site: ['sites', 'devices'] },
} satisfies Noun
