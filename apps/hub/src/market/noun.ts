/** The marketplace: subscribed catalogues, their listings, and installations. */
import type { Noun } from '../nouns/noun.ts'
import { catalogueHandlers } from './catalogue-handlers.ts'
import { entitlementHandlers } from './entitlements/entitlement-handlers.ts'
import { installationHandlers } from './installation-handlers.ts'
import { listingHandlers } from './market-handlers.ts'
import { opinionHandlers } from './opinions/opinion-handlers.ts'
import { submissionHandlers } from './review/submission-handlers.ts'
import { sweepCatalogues } from './sweep-catalogues.ts'

type Handlers = {
  catalogue: typeof catalogueHandlers
  market: typeof listingHandlers & typeof installationHandlers & typeof opinionHandlers
  submission: typeof submissionHandlers
  entitlement: typeof entitlementHandlers
}

const handlers: Handlers = {
  catalogue: catalogueHandlers,
  market: { ...listingHandlers, ...installationHandlers, ...opinionHandlers },
  submission: submissionHandlers,
  entitlement: entitlementHandlers,
}

export const marketNoun = {
  handlers,
  purge: [
    ['market_opinions', ['organisation_id', 'catalogue', 'listing', 'person_id']],
    ['market_emergencies', ['organisation_id', 'listing', 'device_id']],
    ['market_entitlements', ['organisation_id', 'digest']],
    ['market_submission_comments', ['organisation_id', 'submission', 'number']],
    ['market_submission_files', ['organisation_id', 'digest', 'submission']],
    ['market_submissions', ['organisation_id', 'id']],
    ['market_installations', ['organisation_id', 'name']],
    ['market_catalogues', ['organisation_id', 'name']],
  ],
  raises: { catalogue: ['models'], market: ['models'], submission: ['models'], entitlement: ['models'] },
  sweeps: [{ name: 'catalogues', everyMs: 60_000, run: sweepCatalogues }],
} satisfies Noun
