/**
 * Peer command routes: commands that other hubs of the database send to the devices of this hub, and the bytes of these
 * commands. This hub answers for its own devices and forwards no request, so no request can circle. The first hub
 * checks the caller's permission and writes the audit record.
 */
import { COMMAND_BYTES_MAX, DeviceCommand } from '@skerry/contract/devices/device-command'
import { CommandId, DeviceId, OrganisationId, StreamId } from '@skerry/contract/values/ids'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { acceptBytesOnly } from '../http/byte-routes.ts'
import { answerProblem } from '../http/error-answers.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { peerRefusal } from '../peers/peer-identity.ts'
import type { OpenCommand, Question } from './command-board.ts'
import { hangUp, sendBytes, takeAnswer, takeBytes } from './command-bytes.ts'

/** Small values go in headers, beside the bytes: base64url of JSON. */
export const COMMAND_HEADER = 'skerry-command'
export const ANSWER_HEADER = 'skerry-answer'
/** The organisation to whose share the command's bytes count. */
export const PAYER_HEADER = 'skerry-organisation'

export const inHeader = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Undefined if the header holds no JSON value. */
export function fromHeader(text: string | string[] | undefined): unknown {
  try {
    return JSON.parse(Buffer.from(String(text), 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

export async function installPeerCommandRoutes(app: FastifyInstance, hub: Hub): Promise<void> {
  await app.register(async (scope) => {
    acceptBytesOnly(scope)
    // Runs before the body is read.
    scope.addHook('onRequest', async (request, reply) => {
      const refusal = peerRefusal(hub, request.raw)
      if (refusal) return answerProblem(reply, refusal)
    })
    scope.get('/peer/devices/:device', async (request) => ({
      heldForMs: hub.commands.connectedForMs(deviceOf(request)) ?? null,
    }))
    scope.get('/peer/devices/:device/commands/:command', async (request) => ({
      heldForMs: find(hub, request) ? 0 : null,
    }))
    scope.get('/peer/devices/:device/streams/:stream', async (request) => {
      const id = StreamId.safeParse((request.params as { stream: string }).stream)
      return { heldForMs: id.success && hub.streams.isExpected(id.data, deviceOf(request)) ? 0 : null }
    })
    scope.post('/peer/devices/:device/commands', { bodyLimit: COMMAND_BYTES_MAX }, (request, reply) =>
      askHere(hub, request, reply),
    )
    scope.get('/peer/devices/:device/commands/:command/body', async (request, reply) =>
      sendBytes(reply, openOf(hub, request).body),
    )
    scope.put('/peer/devices/:device/commands/:command/answer', { bodyLimit: COMMAND_BYTES_MAX }, async (request) => {
      await takeAnswer(hub.commands.budget, openOf(hub, request), request)
      return {}
    })
  })
}

function deviceOf({ params }: FastifyRequest): DeviceId {
  const id = DeviceId.safeParse((params as { device: string }).device)
  if (!id.success) throw problem('device_unknown')
  return id.data
}

/** The command, if it belongs to this device and is open here. */
function find(hub: Hub, request: FastifyRequest): OpenCommand | undefined {
  const id = CommandId.safeParse((request.params as { command: string }).command)
  const open = id.success ? hub.commands.find(id.data) : undefined
  return open?.deviceId === deviceOf(request) ? open : undefined
}

function openOf(hub: Hub, request: FastifyRequest): OpenCommand {
  const open = find(hub, request)
  if (!open) throw problem('command_unknown')
  return open
}

/** Sends the command to the device for the other hub. */
async function askHere(hub: Hub, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const deviceId = deviceOf(request)
  const signal = AbortSignal.any([hangUp(reply), hub.signal])
  // No command has begun, so the other hub looks for the new place of the device.
  if (hub.commands.connectedForMs(deviceId) === undefined) throw problem('device_unknown')
  const command = DeviceCommand.safeParse(fromHeader(request.headers[COMMAND_HEADER]))
  const payer = OrganisationId.safeParse(request.headers[PAYER_HEADER]).data
  if (!command.success || !payer)
    throw problem('input_invalid', 'this hub does not know the command; check that all hubs have the same version')
  const { id: _id, kind, expiresInMs: timeoutMs, ...rest } = command.data
  const { bytes, lease } = await takeBytes(hub.commands.budget, { request, payer }, signal)
  // The board reserves the room itself, before any other request can.
  lease[Symbol.dispose]()
  const question = { kind, payer, command: rest, body: [bytes], timeoutMs } as Question<typeof kind>
  const given = await hub.commands.ask(deviceId, question, signal)
  reply.raw.once('close', () => given[Symbol.dispose]())
  if (reply.raw.closed) given[Symbol.dispose]()
  hub.metrics.requests.inc({ procedure: 'peer.ask', code: given.ok ? 'ok' : given.code })
  if (!given.ok) return answerProblem(reply, problem(given.code, given.message))
  return sendBytes(reply.header(ANSWER_HEADER, inHeader(given.answer)), [given.body])
}
