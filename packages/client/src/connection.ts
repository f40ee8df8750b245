/**
 * Connection: the address of a hub and the key of the caller. It also sends the raw requests that the byte routes need.
 */
import { createORPCErrorFromJson, isORPCErrorJson } from '@orpc/client'
import { byteRoutes } from '@skerry/contract/api'
import { parseJson } from '@skerry/core/values/parse-json'
import { inTheWay, ProblemError } from './problem.ts'

export type Connection = {
  /** Origin of the hub, such as `https://hub.example:8443`. */
  hub: string
  /** API key. Calls that need no caller have none. */
  key?: string
  fetch?: typeof globalThis.fetch
}

/** The headers that identify the caller. */
export function authorizationOf({ key }: Connection): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` }
}

/**
 * Sends a request. A hub never redirects, so the key follows no redirect. The signal must be here and not only in the
 * request: Node.js forgets the signal of a request that the garbage collector has taken (nodejs/undici#3644), and an
 * answer that is a quiet stream would never end.
 */
export async function send(
  { fetch = globalThis.fetch }: Connection,
  request: Request,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const response = await fetch(request, { redirect: 'manual', signal: signal ?? null })
  if (response.type !== 'opaqueredirect' && (response.status < 300 || response.status > 399)) return response
  throw new ProblemError({ ...inTheWay('answer_invalid', 'a redirect'), status: response.status })
}

type ByteRequest = {
  route: keyof typeof byteRoutes
  parameters: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string | number>>
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array<ArrayBuffer>
}

/** Calls a byte route. It returns only a success, and throws the hub's error like the typed client. */
export async function requestBytes(
  connection: Connection,
  { route, parameters, query = {}, headers = {}, body }: ByteRequest,
  signal: AbortSignal,
): Promise<Response> {
  const { method, path } = byteRoutes[route]
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''))
  const url = new URL(filled, connection.hub)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
  const request = new Request(url, {
    method,
    headers: { ...authorizationOf(connection), ...headers },
    ...(body && { body }),
  })
  const response = await send(connection, request, signal)
  if (response.ok) return response
  throw await errorOf(response)
}

async function errorOf(response: Response): Promise<Error> {
  const text = await response.text()
  const body = parseJson(text)
  if (isORPCErrorJson(body)) return createORPCErrorFromJson(body)
  const problem = inTheWay('answer_invalid', `status ${response.status}`)
  return new ProblemError({ ...problem, status: response.status, data: { body: text.slice(0, BODY_SHOWN) } })
}

/** Enough of a proxy's page to identify the proxy. */
const BODY_SHOWN = 500
