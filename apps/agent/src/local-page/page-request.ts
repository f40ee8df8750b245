/**
 * Page request: one request to the local page, read with limits. It rejects requests that another web page has caused,
 * and names by which only an attacker would call the device.
 */
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'

export type PageRequest = {
  method: string
  path: string
  query: URLSearchParams
  /** The other end, for limits. */
  address: string
  /** The token of the session; empty without one. */
  token: string
  /** The fields of the form. */
  form: URLSearchParams
}

export type ReadRequest = { ok: true; request: PageRequest } | { ok: false; status: number; message: string }

/** The longest password in its longest encoding, and some small fields. */
const FORM_BYTES_MAX = 8 * 1024

export const SESSION_COOKIE = 'skerry_page'

/** Reads the request, or returns the reason why the page does not answer it. */
export async function readRequest(message: IncomingMessage, scheme: 'http' | 'https'): Promise<ReadRequest> {
  const { method = '', headers, url = '/' } = message
  const host = headers.host ?? ''
  const place = URL.parse(url, `${scheme}://${host}`)
  if (!place || !isOwnName(place.hostname)) {
    return refuse(421, 'Open this page by the IP address or the host name of the device.')
  }
  if (method !== 'GET' && method !== 'POST') return refuse(405, 'This page answers GET and POST only.')
  if (method === 'POST' && !isOwnForm(headers, place.origin)) {
    return refuse(403, 'Another web page has sent this form. Open the page of the device, and repeat the step there.')
  }
  const form = method === 'POST' ? await readForm(message) : new URLSearchParams()
  if (!form) return refuse(413, 'The form is too long.')
  const address = message.socket.remoteAddress ?? ''
  const { pathname: path, searchParams: query } = place
  return { ok: true, request: { method, path, query, address, token: cookieOf(headers.cookie), form } }
}

const refuse = (status: number, message: string): ReadRequest => ({ ok: false, status, message })

/**
 * A name of an attacker can resolve to an address of this device (DNS rebinding). Addresses and the own name cannot be
 * used so.
 */
function isOwnName(name: string): boolean {
  const own = hostname().toLowerCase()
  return isIP(name.replaceAll(/[[\]]/g, '')) !== 0 || ['localhost', own, `${own}.local`].includes(name.toLowerCase())
}

/** [Fetch, 3.2] Browsers say which page has caused a request. Another program has no cookies of a person. */
function isOwnForm({ origin, 'sec-fetch-site': site }: IncomingMessage['headers'], own: string): boolean {
  return (origin === undefined || origin === own) && (site === undefined || site === 'same-origin')
}

async function readForm(message: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of message) {
    bytes += chunk.byteLength
    if (bytes > FORM_BYTES_MAX) return undefined
    chunks.push(chunk)
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
}

const cookieOf = (header = ''): string =>
  header
    .split(';')
    .map((part) => part.trim().split('='))
    .find(([name]) => name === SESSION_COOKIE)?.[1] ?? ''
