/** The marketplace: subscribed catalogues, their listings, and installations. */
import type { Noun } from '../nouns/noun.ts'
import { catalogueHandlers } from './catalogue-handlers.ts'
import { installationHandlers } from './installation-handlers.ts'
import { listingHandlers } from './market-handlers.ts'
import { sweepCatalogues } from './sweep-catalogues.ts'

type Handlers = { catalogue: typeof catalogueHandlers; market: typeof listingHandlers & typeof installationHandlers }

const handlers: Handlers = { catalogue: catalogueHandlers, market: { ...listingHandlers, ...installationHandlers } }

export const marketNoun = {
  handlers,
  purge: [
    ['market_installations', ['organisation_id', 'name']],
    ['market_catalogues', ['organisation_id', 'name']],
  ],
  raises: { catalogue: ['models'], market: ['models'] },
  sweeps: [{ name: 'catalogues', everyMs: 60_000, run: sweepCatalogues }],
} satisfies Noun
