/**
 * Command routes: transfer the bytes of a command and of its answer, for the one device of the command. Behind a
 * balancer, a device may send them to any hub. If another hub owns the command, this hub passes the bytes on to it.
 */
import type { Readable } from 'node:stream'
import { COMMAND_BYTES_MAX } from '@skerry/contract/devices/device-command'
import { CommandId, type DeviceId } from '@skerry/contract/values/ids'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptBytesOnly } from '../http/byte-routes.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { tlsSocketOf } from '../link/calling-device.ts'
import { identifyDevice } from '../link/device-identity.ts'
import type { PeerRequest } from '../peers/peer-line.ts'
import { unreachedWords } from '../peers/peers.ts'
import type { OpenCommand } from './command-board.ts'
import { hangUp, lengthOf, sendBytes, takeAnswer } from './command-bytes.ts'

/** Adds the routes. The content type of bytes is accepted only in this scope; all other routes reject it. */
export async function installCommandRoutes(app: FastifyInstance, hub: Hub): Promise<void> {
  await app.register(async (scope) => {
    acceptBytesOnly(scope)
    const devices = new WeakMap<FastifyRequest, DeviceId>()
    // The hub identifies the device before it reads a byte of the body.
    scope.addHook('onRequest', async (request) => void devices.set(request, await deviceOf(hub, request)))
    const commandOf = (request: FastifyRequest) => findCommand(hub, request, devices.get(request))
    scope.get('/v1/device-commands/:command', { exposeHeadRoute: false }, async (request, reply) => {
      const asked = commandOf(request)
      if (!asked.open) return passOn(hub, asked, { method: 'GET', path: '/body' }, reply)
      return sendBytes(reply, asked.open.body)
    })
    scope.put('/v1/device-commands/:command/answer', { bodyLimit: COMMAND_BYTES_MAX }, async (request, reply) => {
      const asked = commandOf(request)
      if (!asked.open) {
        const content = { length: lengthOf(request), stream: request.body as Readable }
        return passOn(hub, asked, { method: 'PUT', path: '/answer', content }, reply)
      }
      await takeAnswer(hub.commands.budget, asked.open, request)
      return {}
    })
  })
}

/** A command that this hub knows, or that another hub may know. */
type Asked = { id: CommandId; deviceId: DeviceId; open: OpenCommand | undefined }

/** The device of the connection, by its certificate. */
async function deviceOf(hub: Hub, request: FastifyRequest): Promise<DeviceId> {
  const identity = await identifyDevice(hub, tlsSocketOf(request))
  if (!identity.ok) throw problem(identity.code, identity.message)
  hub.devicePacer.admit(identity.device.id, 'commandBytes')
  return identity.device.id
}

/** The requested command, if it belongs to this device. */
function findCommand(hub: Hub, { params }: FastifyRequest, deviceId: DeviceId | undefined): Asked {
  if (deviceId === undefined) throw new Error('the request for a command does not name its device')
  const id = CommandId.safeParse((params as { command: string }).command)
  if (!id.success) throw problem('command_unknown')
  const open = hub.commands.find(id.data)
  if (!open && !hub.cluster.isShared) throw problem('command_unknown')
  if (!open || open.deviceId === deviceId) return { id: id.data, deviceId, open }
  throw problem('permission_denied', 'the command is for another device')
}

type Passed = Pick<PeerRequest, 'method' | 'content'> & { path: '/body' | '/answer' }

/** Lets the hub that owns the command answer; the bytes are streamed. */
async function passOn(hub: Hub, { id, deviceId }: Asked, { path, ...request }: Passed, reply: FastifyReply) {
  const signal = AbortSignal.any([hangUp(reply), hub.signal])
  const { holder, unreached } = await hub.peers.withCommand(id, deviceId, signal)
  if (!holder && unreached.length > 0) throw problem('hub_peer_unreachable', unreachedWords(unreached))
  if (!holder) throw problem('command_unknown')
  const peerPath = `/peer/devices/${deviceId}/commands/${id}${path}`
  const answer = await hub.peers.send(holder, { ...request, path: peerPath, isOnce: true }, signal)
  if (!answer.ok) throw problem('hub_peer_unreachable', unreachedWords([{ member: holder, message: answer.message }]))
  for (const name of ['content-type', 'content-length'] as const) {
    const value = answer.headers[name]
    if (value !== undefined) reply.header(name, value)
  }
  return reply.status(answer.status).send(answer.stream)
}
