/** App routes: the pages about apps. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { inside } from './inside-route.ts'
import { known } from './root-route.ts'
import { listSearch } from './search.ts'

const apps = createRoute({
  getParentRoute: () => inside,
  path: known('apps'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/apps/apps-page.tsx'), 'AppsPage'),
})
const app = createRoute({
  getParentRoute: () => inside,
  path: known('apps/$app'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/apps/app-page.tsx'), 'AppPage'),
})

export const appRoutes = [apps, app] as const
