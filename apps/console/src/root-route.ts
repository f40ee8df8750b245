/** Root route: the parent of all pages, and the list of valid paths. */
import type { CONSOLE_PAGES } from '@skerry/contract/hub/console-pages'
import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, Outlet } from '@tanstack/react-router'
import { UnknownPage } from './shell/crashed-page.tsx'

type Page = (typeof CONSOLE_PAGES)[number]

/** A path for which the hub serves the document. Any other path does not compile. */
export const known = <Path extends Page | `${Page}/${string}`>(path: Path): Path => path

export const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: UnknownPage,
})
