/** Git source routes: the pages about repositories that the hub follows. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { inside } from './inside-route.ts'
import { known } from './root-route.ts'

const gitSources = createRoute({
  getParentRoute: () => inside,
  path: known('git-sources'),
  component: lazyRouteComponent(() => import('./pages/git-sources/git-sources-page.tsx'), 'GitSourcesPage'),
})
const gitSource = createRoute({
  getParentRoute: () => inside,
  path: known('git-sources/$name'),
  component: lazyRouteComponent(() => import('./pages/git-sources/git-source-page.tsx'), 'GitSourcePage'),
})

export const gitSourceRoutes = [gitSources, gitSource] as const
