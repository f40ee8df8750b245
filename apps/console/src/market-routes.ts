/** Market routes: the pages of the marketplace. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { inside } from './inside-route.ts'
import { known } from './root-route.ts'
import { installSearch, listingSearch, marketSearch } from './search.ts'

const market = createRoute({
  getParentRoute: () => inside,
  path: known('market'),
  validateSearch: marketSearch,
  component: lazyRouteComponent(() => import('./pages/market/market-page.tsx'), 'MarketPage'),
})
const listing = createRoute({
  getParentRoute: () => inside,
  path: known('market/$catalogue/$listing'),
  validateSearch: listingSearch,
  component: lazyRouteComponent(() => import('./pages/market/listing-page.tsx'), 'ListingPage'),
})
const install = createRoute({
  getParentRoute: () => inside,
  path: known('market/$catalogue/$listing/install'),
  validateSearch: installSearch,
  component: lazyRouteComponent(() => import('./pages/market/install-page.tsx'), 'InstallPage'),
})

const submission = createRoute({
  getParentRoute: () => inside,
  path: known('market/review/$submission'),
  component: lazyRouteComponent(() => import('./pages/market/review/submission-page.tsx'), 'SubmissionPage'),
})

export const marketRoutes = [market, listing, install, submission] as const
