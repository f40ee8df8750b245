/** Connection: where a hub is and who calls it; the raw requests that the byte routes need are made here. */
import { createORPCErrorFromJson, isORPCErrorJson, ORPCError } from '@orpc/client'
import { byteRoutes } from '@skerry/contract/api'

export type Connection = {
  /** Origin of the hub, such as `https://hub.example:8443`. */
  hub: string
  /** API key; absent for what needs no caller. */
  key?: string
  fetch?: typeof globalThis.fetch
}

/** The headers that say who calls. */
export function authorizationOf({ key }: Connection): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` }
}

type ByteRequest = {
  route: keyof typeof byteRoutes
  parameters: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string | number>>
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array<ArrayBuffer>
}

/** Calls a byte route; answers only a success, and throws the hub's error as the typed client would. */
export async function requestBytes(
  connection: Connection,
  { route, parameters, query = {}, headers = {}, body }: ByteRequest,
  signal: AbortSignal,
): Promise<Response> {
  const { method, path } = byteRoutes[route]
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ''))
  const url = new URL(filled, connection.hub)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
  const send = connection.fetch ?? globalThis.fetch
  const response = await send(url, {
    method,
    headers: { ...authorizationOf(connection), ...headers },
    ...(body && { body }),
    redirect: 'manual',
    signal,
  })
  if (response.ok) return response
  throw await errorOf(response)
}

async function errorOf(response: Response): Promise<Error> {
  const text = await response.text()
  const body = parseJson(text)
  if (isORPCErrorJson(body)) return createORPCErrorFromJson(body)
  return new ORPCError('answer_invalid', {
    status: response.status,
    message: `the answer ${response.status} is not one of a hub; check the address, and any proxy in between`,
    data: { body: text.slice(0, 500) },
  })
}

/** The value of the text, or undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
