/**
 * Ballot server: takes the ballots of the other devices of a pair, over mutual TLS. Both sides show the certificates of
 * the hub. No authority is checked: the hub has named the keys of the pair in a signed document, and TLS proves them.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { PairOrder } from '@skerry/contract/held/pairs'
import { BALLOT_BYTES_MAX, PairBallot, type PairVerdict } from '@skerry/contract/pairs/ballot'
import { DeviceId } from '@skerry/contract/values/ids'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { Identity } from '../joining/identity.ts'
import type { Address } from '../options.ts'
import type { VoteBox } from './vote-box.ts'

export type BallotServerDeps = {
  /** Undefined before the device has joined. */
  credentials(): Credentials | undefined
  orders(): readonly PairOrder[]
  box: Pick<VoteBox, 'judge'>
  clock: Clock
  conditions: Conditions
  log: Log
}

export type Credentials = { identity: Identity; privateKey: string }

/** Two devices of each pair, with a connection that ends and one that begins. */
const CONNECTIONS_MAX = 64

/** Several devices may share an address behind a router, or in containers. */
const ADDRESS_CONNECTIONS_MAX = 16

/** In milliseconds. A ballot is one small message. */
const REQUEST_MS = 2_000

/** A device sends two ballots a second. */
const IDLE_MS = 30_000

/** A new certificate counts within this time. A port that is taken is tried again after it. */
const LOOK_MS = 2_000

const UNAVAILABLE = 'pair_door_closed'

/** Serves until the signal fires. */
export async function serveBallots(listen: Address, deps: BallotServerDeps, signal: AbortSignal): Promise<void> {
  const { clock, conditions, log } = deps
  while (!signal.aborted) {
    const own = deps.credentials()
    if (own && deps.orders().length > 0) {
      try {
        await serveAs(own, listen, deps, signal)
      } catch (error) {
        const message = `the votes of the pair cannot be taken at ${listen.host}:${listen.port}: ${String(error)}`
        conditions.raise({ code: UNAVAILABLE, message: message.slice(0, 1_000) })
        log.warn('pair_door_closed', { error })
      }
    }
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}

/** Until the signal fires. A new certificate counts for new connections, without a pause. */
async function serveAs(
  first: Credentials,
  listen: Address,
  deps: BallotServerDeps,
  signal: AbortSignal,
): Promise<void> {
  const server = createServer(
    {
      ...secureContext(first),
      // Before its handshake nobody is known. A neighbour needs some milliseconds.
      handshakeTimeout: REQUEST_MS,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      connectionsCheckingInterval: REQUEST_MS / 2,
      requestCert: true,
      // The document of the hub names the key of the caller; TLS proves that the caller has it.
      rejectUnauthorized: false,
    },
    (request, response) => void answer(deps, request, response),
  )
  server.maxConnections = CONNECTIONS_MAX
  server.setTimeout(IDLE_MS)
  limitPerAddress(server)
  server.on('secureConnection', (socket) => {
    if (!isInOrders(deps.orders(), keyOf(socket))) socket.destroy()
  })
  server.listen(listen.port, listen.host)
  await once(server, 'listening')
  deps.conditions.clear(UNAVAILABLE)
  deps.log.info('pair_door_open', { ...listen })
  // An accept that failed, because of too many open files for example, must not end the agent.
  server.on('error', (error) => deps.log.warn('pair_door_failed', { error }))
  let shown = first
  while (!signal.aborted) {
    await deps.clock.sleep(LOOK_MS, signal).catch(() => undefined)
    const own = deps.credentials() ?? shown
    if (own.identity.certificate === shown.identity.certificate) continue
    shown = own
    server.setSecureContext(secureContext(own))
  }
  await closeServer(server)
}

const secureContext = ({ identity, privateKey }: Credentials) =>
  ({ cert: identity.certificate, key: privateKey, minVersion: 'TLSv1.3' }) as const

/** One stranger must not take all connections. */
function limitPerAddress(server: Server): void {
  const counts = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket
    const count = counts.get(remoteAddress) ?? 0
    if (count >= ADDRESS_CONNECTIONS_MAX) {
      socket.destroy()
      return
    }
    counts.set(remoteAddress, count + 1)
    socket.once('close', () => {
      const left = (counts.get(remoteAddress) ?? 1) - 1
      if (left > 0) counts.set(remoteAddress, left)
      else counts.delete(remoteAddress)
    })
  })
}

function keyOf(socket: TLSSocket): string {
  const shown = socket.getPeerX509Certificate()
  return shown ? hashPublicKey(shown.publicKey) : ''
}

/** Whether the key belongs to a device of a pair here. */
const isInOrders = (orders: readonly PairOrder[], callerKey: string): boolean =>
  orders.some(({ members, witness }) => [...members, witness].some(({ key }) => key === callerKey))

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}

type Answer = { status: number; json: PairVerdict | { code: string; message: string } }

async function answer(deps: BallotServerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { socket } = request
    const found = await judge(deps, request, keyOf(socket as TLSSocket))
    const isRejected = found.status === 403
    const headers = { 'content-type': 'application/json', ...(isRejected && { connection: 'close' }) }
    const text = JSON.stringify(found.json)
    response.writeHead(found.status, headers).end(text, () => isRejected && socket.destroySoon())
  } catch (error) {
    // The disk took no vote, or the caller went away. Without an answer the ballot counts as rejected.
    deps.log.warn('pair_ballot_failed', { error })
    response.destroy()
  }
}

const PATH = /^\/v1\/pairs\/([^/]+)\/ballot$/

async function judge(deps: BallotServerDeps, request: IncomingMessage, callerKey: string): Promise<Answer> {
  const [, pair] = PATH.exec(request.url ?? '') ?? []
  const order = deps.orders().find((one) => one.pair === pair)
  // A stranger learns nothing about the pairs of this device.
  const candidate = order?.members.find(({ key, barred }) => key === callerKey && !barred)
  if (!order || !candidate || request.method !== 'POST') {
    request.resume()
    return refuse(403, 'pair_caller_refused', 'this device takes no ballot of the caller')
  }
  const ballot = PairBallot.safeParse(await readJson(request))
  if (!ballot.success) return refuse(400, 'pair_ballot_unreadable', 'the ballot cannot be read')
  const { isGranted, epoch, holder } = await deps.box.judge(order.pair, {
    ...ballot.data,
    candidate: candidate.device,
  })
  const known = DeviceId.safeParse(holder)
  return { status: 200, json: { isGranted, epoch, ...(known.success && { holder: known.data }) } }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > BALLOT_BYTES_MAX) return undefined
    pieces.push(piece)
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    return undefined
  }
}

const refuse = (status: number, code: string, message: string): Answer => ({ status, json: { code, message } })
