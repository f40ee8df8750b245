/** Router: every page of the console under its path, each with a file of code of its own. */
import type { CONSOLE_PAGES } from '@skerry/contract/console-pages'
import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router'
import { auditSearch, deviceSearch, listSearch, rolloutSearch, settingsSearch, signInSearch } from './search.ts'
import { CrashedPage, UnknownPage } from './shell/crashed-page.tsx'
import { requireSession } from './shell/require-session.ts'
import { Shell } from './shell/shell.tsx'

type Page = (typeof CONSOLE_PAGES)[number]

/** A path that the hub answers with the document: another one does not compile. */
const known = <Path extends Page | `${Page}/${string}`>(path: Path): Path => path

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: UnknownPage,
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: known('sign-in'),
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

/** Everything that needs a session. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: ({ context, location }) => requireSession(context.client, location.href),
  component: Shell,
})

const overview = createRoute({
  getParentRoute: () => inside,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage'),
})
const devices = createRoute({
  getParentRoute: () => inside,
  path: known('devices'),
  validateSearch: deviceSearch,
  component: lazyRouteComponent(() => import('./pages/devices/devices-page.tsx'), 'DevicesPage'),
})
const device = createRoute({
  getParentRoute: () => inside,
  path: known('devices/$device'),
  component: lazyRouteComponent(() => import('./pages/device/device-page.tsx'), 'DevicePage'),
})
const models = createRoute({
  getParentRoute: () => inside,
  path: known('models'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/models/models-page.tsx'), 'ModelsPage'),
})
const model = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model'),
  component: lazyRouteComponent(() => import('./pages/models/model-page.tsx'), 'ModelPage'),
})
const version = createRoute({
  getParentRoute: () => inside,
  path: known('models/$model/versions/$version'),
  component: lazyRouteComponent(() => import('./pages/models/version-page.tsx'), 'VersionPage'),
})
const rollouts = createRoute({
  getParentRoute: () => inside,
  path: known('rollouts'),
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages/rollouts/rollouts-page.tsx'), 'RolloutsPage'),
})
const rollout = createRoute({
  getParentRoute: () => inside,
  path: known('rollouts/$rollout'),
  validateSearch: rolloutSearch,
  component: lazyRouteComponent(() => import('./pages/rollout/rollout-page.tsx'), 'RolloutPage'),
})
const audit = createRoute({
  getParentRoute: () => inside,
  path: known('audit'),
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('./pages/audit/audit-page.tsx'), 'AuditPage'),
})
const settings = createRoute({
  getParentRoute: () => inside,
  path: known('settings'),
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('./pages/settings/settings-page.tsx'), 'SettingsPage'),
})

const tree = root.addChildren([
  signIn,
  inside.addChildren([overview, devices, device, models, model, version, rollouts, rollout, audit, settings]),
])

/** The router, which loads a page's code when its link is pointed at. */
export const createConsoleRouter = (client: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultErrorComponent: CrashedPage,
    scrollRestoration: true,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
