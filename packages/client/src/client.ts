/** Client: every procedure of the API as a typed function, in browsers and in Node.js. It reads the same table as the server. */
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { api } from '@skerry/contract/api'
import { authorizationOf, type Connection, send } from './connection.ts'

export type SkerryClient = ContractRouterClient<typeof api>

/** A client of one hub. Calls throw what the hub refuses, and what is in the way; `problemOf` puts either into words. */
export function createClient(connection: Connection): SkerryClient {
  const link = new OpenAPILink(api, {
    url: connection.hub,
    headers: authorizationOf(connection),
    fetch: (request, init) => send(connection, request, init),
  })
  return createORPCClient(link)
}
