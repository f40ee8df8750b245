/** Gateway hub: the hub of a gateway that runs as a program of its own, over the API. */
import { createClient } from '@skerry/client/client'
import { authorizationOf, type Connection } from '@skerry/client/connection'
import { problemOf } from '@skerry/client/problem'
import { RouteTable } from '@skerry/contract/routes/route'
import { Name } from '@skerry/contract/values/names'
import type { GatewayHub, HubReply } from '@skerry/inference/gateway/gateway-hub'
import { openPlaceStream } from '@skerry/inference/gateway/place-stream'

/** `site`: that of the gateway. */
export function gatewayHub(connection: Connection, site: string | undefined): GatewayHub {
  const client = createClient(connection)
  return {
    table: ({ gateway, site: stated, ...question }, signal) =>
      replyOf(async () => {
        const names = { gateway: Name.parse(gateway), ...(stated !== undefined && { site: Name.parse(stated) }) }
        return RouteTable.parse(await client.route.table({ ...question, ...names }, { signal }))
      }),
    access: (key, signal) => replyOf(() => createClient({ ...connection, key }).route.access({}, { signal })),
    openStream: (target, signal) =>
      openPlaceStream({ hub: connection.hub, headers: authorizationOf(connection), site }, target, signal),
  }
}

async function replyOf<Value>(call: () => Promise<Value>): Promise<HubReply<Value>> {
  try {
    return { ok: true, value: await call() }
  } catch (error) {
    const { code, message, status } = problemOf(error)
    return { ok: false, code, message, status }
  }
}
