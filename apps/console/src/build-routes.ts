/** Build routes: the pages about the builds of a version. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { inside } from './inside-route.ts'
import { known } from './root-route.ts'
import { buildsSearch } from './search.ts'

const builds = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model/versions/$version/builds'),
  validateSearch: buildsSearch,
  component: lazyRouteComponent(() => import('./pages/builds/builds-page.tsx'), 'BuildsPage'),
})
const optimise = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model/versions/$version/optimise'),
  component: lazyRouteComponent(() => import('./pages/builds/optimise/optimise-page.tsx'), 'OptimisePage'),
})
const run = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model/versions/$version/optimisations/$optimisation'),
  component: lazyRouteComponent(() => import('./pages/builds/run/run-page.tsx'), 'RunPage'),
})

const measure = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model/versions/$version/measure'),
  component: lazyRouteComponent(() => import('./pages/builds/measure/measure-page.tsx'), 'MeasurePage'),
})

export const buildRoutes = [builds, optimise, run, measure] as const
