/**
 * Shown organisation: whose data this page shows. Said with whatever it asks, so that the hub refuses a page that was opened before another
 * one of the same browser went to another organisation: nothing is read or changed there by mistake.
 */
import { ORGANISATION_HEADER } from '@skerry/contract/api/access/membership-procedures'
import type { QueryClient } from '@tanstack/react-query'

let shown: string | undefined

/** The page shows this one from here on. */
export function showOrganisation(name: string): void {
  shown = name
}

/** Undefined while nobody has looked yet. */
export const shownOrganisation = (): string | undefined => shown

/** Says it, where it is known. */
export function tellOrganisation(headers: Headers): void {
  if (shown !== undefined) headers.set(ORGANISATION_HEADER, shown)
}

/** The page is between two: it is where the session is. */
export function forgetShown(): void {
  shown = undefined
}

/** Nothing that the page holds, or takes itself for, is left: somebody else may look at it, or somewhere else. */
export function forgetAll(client: QueryClient): void {
  forgetShown()
  client.clear()
}
