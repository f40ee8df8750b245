/** Root route: what all pages hang from, and which paths there may be. */
import type { CONSOLE_PAGES } from '@skerry/contract/hub/console-pages'
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, Outlet } from '@tanstack/react-router'
import { UnknownPage } from './shell/crashed-page.tsx'

type Page = (typeof CONSOLE_PAGES)[number]

/** A path that the hub answers with the document: another one does not compile. */
export const known = <Path extends Page | `${Page}/${string}`>(path: Path): Path => path

export const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: UnknownPage,
})
