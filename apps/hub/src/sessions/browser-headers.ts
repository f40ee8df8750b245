/** Browser headers: what a request says of the page that it comes from, and whether that page is the hub's own. */
import type { IncomingHttpHeaders } from 'node:http'
import { ORGANISATION_HEADER } from '@skerry/contract/api/access/membership-procedures'
import { SESSION_HEADER } from '@skerry/contract/api/access/session-procedures'
import type { BrowserHeaders } from '../http/call.ts'

/** The headers that count for sessions. */
export function browserHeadersOf(headers: IncomingHttpHeaders): BrowserHeaders {
  return {
    cookie: headers.cookie,
    name: headers['user-agent'],
    host: headers.host,
    origin: headers.origin,
    fetchSite: single(headers['sec-fetch-site']),
    mark: single(headers[SESSION_HEADER]),
    organisation: single(headers[ORGANISATION_HEADER]),
  }
}

const single = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join() : value)

/** Whether the page was opened while this browser was in another organisation. It grants nothing: a page that says nothing is in the session's. */
export const isElsewhere = ({ organisation }: BrowserHeaders, current: string): boolean =>
  organisation !== undefined && organisation !== current

/**
 * Whether a page of the hub itself asks: the browser says so (`Sec-Fetch-Site`), or the request has a header that a foreign page could
 * send only with the hub's leave, which it never gives; and where the browser names an origin, it is the hub's.
 */
export function isSameOrigin({ host, origin, fetchSite, mark }: BrowserHeaders): boolean {
  const isProven = fetchSite === undefined ? mark === '1' : fetchSite === 'same-origin'
  return isProven && (origin === undefined || (host !== undefined && origin === `https://${host}`))
}
