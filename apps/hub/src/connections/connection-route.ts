/** Connection route: what a source or sink says, for the devices that it counts on. It may be larger than a message of the link. */
import { TLSSocket } from 'node:tls'
import { ConnectionId } from '@skerry/contract/values/ids'
import type { FastifyInstance } from 'fastify'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { identifyDevice, refuseQuarantined } from '../link/device-identity.ts'
import { specOf } from './connection-store.ts'
import { wantedConnections } from './device-connections.ts'

/** Adds the route. What has changed meanwhile has another digest: the device sees that, and is told of the new one. */
export function installConnectionRoute(app: FastifyInstance, hub: Hub): void {
  app.get('/v1/device-connections/:connection', { exposeHeadRoute: false }, async (request, reply) => {
    const { socket } = request.raw
    if (!(socket instanceof TLSSocket)) throw new Error('a request without TLS')
    const identity = await identifyDevice(hub, socket)
    if (!identity.ok) throw problem(identity.code, identity.message)
    refuseQuarantined(identity.device)
    hub.devicePacer.admit(identity.device.id, 'connectionFile')
    const id = ConnectionId.safeParse((request.params as { connection: string }).connection).data
    const { rows } = await wantedConnections(hub.store.db, identity.device)
    const row = rows.find((each) => each.id === id)
    const spec = row && (await specOf(hub.store.db, row.id))
    if (spec === undefined) throw problem('connection_unknown')
    return reply.header('content-type', 'application/octet-stream').send(Buffer.from(spec))
  })
}
