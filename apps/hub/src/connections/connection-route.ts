/**
 * Connection route: sends the configuration of a source or sink to the devices that it counts on. It may be larger than
 * a message of the link.
 */
import { ConnectionId } from '@skerry/contract/values/ids'
import type { FastifyInstance } from 'fastify'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { callingDevice } from '../link/calling-device.ts'
import { specOf } from './connection-store.ts'
import { wantedConnections } from './device-connections.ts'

/**
 * Adds the route. If the configuration has changed meanwhile, its digest differs. The device detects that, and receives
 * the new document.
 */
export function installConnectionRoute(app: FastifyInstance, hub: Hub): void {
  app.get('/v1/device-connections/:connection', { exposeHeadRoute: false }, async (request, reply) => {
    const device = await callingDevice(hub, request, 'connectionFile')
    const id = ConnectionId.safeParse((request.params as { connection: string }).connection).data
    const { rows } = await wantedConnections(hub.store.db, device)
    const row = rows.find((each) => each.id === id)
    const spec = row && (await specOf(hub.store.db, row.id))
    if (spec === undefined) throw problem('connection_unknown')
    return reply.header('content-type', 'application/octet-stream').send(Buffer.from(spec))
  })
}
