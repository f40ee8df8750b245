/** Model feed routes: the pages about models of other systems that the hub imports. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { inside } from './inside-route.ts'
import { known } from './root-route.ts'

const modelFeeds = createRoute({
  getParentRoute: () => inside,
  path: known('model-feeds'),
  component: lazyRouteComponent(() => import('./pages/model-feeds/model-feeds-page.tsx'), 'ModelFeedsPage'),
})
const modelFeed = createRoute({
  getParentRoute: () => inside,
  path: known('model-feeds/$name'),
  component: lazyRouteComponent(() => import('./pages/model-feeds/model-feed-page.tsx'), 'ModelFeedPage'),
})

export const modelFeedRoutes = [modelFeeds, modelFeed] as const
