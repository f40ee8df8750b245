/** Group routes: the pages about groups of devices. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { inside } from './inside-route.ts'
import { known } from './root-route.ts'
import { listSearch } from './search.ts'

const groups = createRoute({
  getParentRoute: () => inside,
  path: known('groups'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/groups/groups-page.tsx'), 'GroupsPage'),
})
const group = createRoute({
  getParentRoute: () => inside,
  path: known('groups/$group'),
  component: lazyRouteComponent(() => import('./pages/groups/group-page.tsx'), 'GroupPage'),
})

export const groupRoutes = [groups, group] as const
