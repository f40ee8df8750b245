/**
 * Client: every procedure of the API as a typed function, in browsers and in Node.js. It reads the same table as the
 * server.
 */
import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { api } from '@skerry/contract/api'
import type { EntityTag } from '@skerry/contract/values/entity-tag'
import { authorizationOf, type Connection, send } from './connection.ts'

/** A condition of a call: the state that it is meant for, or that nothing may exist yet (contract/entity-tag.ts). */
export type CallContext = { ifMatch?: EntityTag | undefined; ifNoneMatch?: '*' | undefined }

export type SkerryClient = ContractRouterClient<typeof api, CallContext>

/** A client of one hub. Calls throw the hub's errors and network problems. `problemOf` puts either into words. */
export function createClient(connection: Connection): SkerryClient {
  const link = new OpenAPILink<CallContext>(api, {
    url: connection.hub,
    headers: ({ context: { ifMatch, ifNoneMatch } }) => ({
      ...authorizationOf(connection),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
    }),
    fetch: (request, _init, { signal }) => send(connection, request, signal),
  })
  return createORPCClient(link)
}
