/**
 * Shown organisation: the organisation whose data this page shows. Every request names it. If another page of the
 * browser has switched the organisation since, the hub rejects the requests of this page. So the page reads and changes
 * nothing there by mistake.
 */
import { ORGANISATION_HEADER } from '@skerry/contract/api/access/membership-procedures'
import type { QueryClient } from '@tanstack/react-query'

let shown: string | undefined

/** From now on, the page shows this organisation. */
export function showOrganisation(name: string): void {
  shown = name
}

/** Undefined before the first look. */
export const shownOrganisation = (): string | undefined => shown

/** Sends the name, if it is known. */
export function tellOrganisation(headers: Headers): void {
  if (shown !== undefined) headers.set(ORGANISATION_HEADER, shown)
}

/** The page is between two organisations. It follows the session. */
export function forgetShown(): void {
  shown = undefined
}

/** Deletes all data of the page and its organisation, because the next reader may be another person or organisation. */
export function forgetAll(client: QueryClient): void {
  forgetShown()
  client.clear()
}
