/** Organisations, as operators manage them. */
import type { Noun } from '../nouns/noun.ts'
import { organisationHandlers } from './organisation-handlers.ts'
import { purgeOrganisations } from './purge.ts'

type Handlers = {
  organisation: typeof organisationHandlers
}

const handlers: Handlers = { organisation: organisationHandlers }

export const organisationNoun = {
  handlers,
  kept: ['organisation_use'],
  sweeps: [{ name: 'removed_organisations', everyMs: 60_000, run: purgeOrganisations }],
} satisfies Noun
