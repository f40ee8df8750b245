/** Route routes: the pages about routes of models. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { inside } from './inside-route.ts'
import { known } from './root-route.ts'
import { listSearch } from './search.ts'

const routes = createRoute({
  getParentRoute: () => inside,
  path: known('routes'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/routes/routes-page.tsx'), 'RoutesPage'),
})
const route = createRoute({
  getParentRoute: () => inside,
  path: known('routes/$route'),
  component: lazyRouteComponent(() => import('./pages/routes/route-page.tsx'), 'RoutePage'),
})

export const routeRoutes = [routes, route] as const
