/** Door routes: the pages of whoever has no session yet, or only a part of one. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { known, root } from './root-route.ts'
import { connectSearch, signInSearch } from './search.ts'
import { requirePerson } from './shell/require-session.ts'

const signIn = createRoute({
  getParentRoute: () => root,
  path: known('sign-in'),
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('./pages/sign-in/sign-in-page.tsx'), 'SignInPage'),
})

const join = createRoute({
  getParentRoute: () => root,
  path: known('join'),
  component: lazyRouteComponent(() => import('./pages/sign-in/join-page.tsx'), 'JoinPage'),
})
const reset = createRoute({
  getParentRoute: () => root,
  path: known('reset'),
  component: lazyRouteComponent(() => import('./pages/sign-in/reset/reset-page.tsx'), 'ResetPage'),
})
const secondFactor = createRoute({
  getParentRoute: () => root,
  path: known('second-factor'),
  validateSearch: signInSearch,
  beforeLoad: ({ context, location }) => requirePerson(context.client, location.href),
  component: lazyRouteComponent(() => import('./pages/account/second-factor-page.tsx'), 'SecondFactorPage'),
})

const sso = createRoute({
  getParentRoute: () => root,
  path: known('sso'),
  component: lazyRouteComponent(() => import('./pages/sign-in/providers/sso-page.tsx'), 'SsoPage'),
})
const connect = createRoute({
  getParentRoute: () => root,
  path: known('connect'),
  validateSearch: connectSearch,
  component: lazyRouteComponent(() => import('./pages/sign-in/connect-page.tsx'), 'ConnectPage'),
})

export const doorRoutes = [signIn, join, reset, secondFactor, sso, connect] as const
