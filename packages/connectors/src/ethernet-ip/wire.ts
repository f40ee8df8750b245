/**
 * EtherNet/IP wire: a session over TCP, with a connection to the controller in it, and one pending request at a time.
 * After a late or unreadable answer, all of it is dropped.
 */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { SourceTrouble } from '@skerry/connectors/session'
import { connectTcp, hearTcp } from '@skerry/connectors/tcp-socket'
import { ONE_TURN, politely, type Turns, takeTurns } from '@skerry/connectors/turns'
import type { EthernetIpConnection } from '@skerry/contract/sources/protocols/source-ethernet-ip'
import type { Clock } from '@skerry/platform/process/clock'
import { forwardClose, forwardOpen, openedConnection, PLAIN_BYTES, type Wanted } from './connection.ts'
import {
  type Carried,
  type CipFrame,
  carriedBy,
  connected,
  cutFrame,
  isRefusal,
  LIST_IDENTITY,
  listIdentity,
  REGISTER_SESSION,
  registerSession,
  SEND_RR_DATA,
  SEND_UNIT_DATA,
  unconnected,
  unregisterSession,
} from './encapsulation.ts'
import { connectionRefusal } from './exceptions.ts'
import { askIdentity, parseReply, type Reply } from './message.ts'

export type Requests = {
  /** The most bytes of a message, in either direction. */
  bytes: number
  ask(message: Uint8Array, signal: AbortSignal): Promise<Reply>
}

export type Wire = AsyncDisposable &
  Requests & {
    /** All requests run in one turn. */
    alone<T>(work: (own: Requests) => Promise<T>): Promise<T>
  }

/** The answer that the line waits for. */
type Waiting = {
  isIt: (frame: CipFrame) => boolean
  resolve: (frame: CipFrame) => void
  reject: (trouble: Error) => void
}

type Line = {
  connection: EthernetIpConnection
  socket: Socket
  waiting: Waiting | undefined
  received: Uint8Array
  broken: SourceTrouble | undefined
  session: number
  opened: Opened | undefined
  /** Whether a request was sent since the last check. */
  wasAsked: boolean
}

/** `number`: for our messages over the connection. `wanted.toUs`: for the controller's messages. */
type Opened = { wanted: Wanted; number: number; sequence: number }

type Deps = { clock: Clock; random: () => number }

/** Connects to the controller. Throws `SourceTrouble`. */
export async function openWire(
  connection: EthernetIpConnection,
  { clock, random }: Deps,
  signal: AbortSignal,
): Promise<Wire> {
  const line = await openLine(connection, signal)
  try {
    await clock.sleep(connection.pauseAfterConnectMs, signal)
    await register(line, signal)
    await openConnection(line, random, signal)
  } catch (error) {
    line.socket.destroy()
    throw error
  }
  const turn = takeTurns()
  const closing = new AbortController()
  keepAlive(line, turn, { clock, signal: closing.signal }).catch(() => undefined)
  return {
    ...requestsIn(turn, line, clock),
    alone: (work) => turn(() => work(requestsIn(ONE_TURN, line, clock))),
    async [Symbol.asyncDispose]() {
      closing.abort()
      await hangUp(line)
    },
  }
}

/** Requests the identity of the equipment, as bytes, without a session. Throws `SourceTrouble`. */
export async function askWhatItIs(connection: EthernetIpConnection, signal: AbortSignal): Promise<Uint8Array> {
  const line = await openLine(connection, signal)
  try {
    return (await exchange(line, listIdentity(), ({ command }) => command === LIST_IDENTITY, signal)).data
  } finally {
    line.socket.destroy()
  }
}

function requestsIn(turns: Turns, line: Line, clock: Clock): Requests {
  const bytes = (line.opened?.wanted.bytes ?? PLAIN_BYTES) - SEQUENCE_BYTES
  const inTurn = politely(turns, line.connection.pauseBetweenRequestsMs, clock)
  return { bytes, ask: (message, signal) => inTurn(() => ask(line, message, signal), signal) }
}

/** A message over a connection begins with its number. */
const SEQUENCE_BYTES = 2

async function openLine(connection: EthernetIpConnection, signal: AbortSignal): Promise<Line> {
  const socket = await connectTcp(connection, signal)
  const line: Line = {
    connection,
    socket,
    waiting: undefined,
    received: new Uint8Array(),
    broken: undefined,
    session: 0,
    opened: undefined,
    wasAsked: false,
  }
  hearTcp(socket, connection, { bytes: (bytes) => take(line, bytes), lost: (trouble) => breakLine(line, trouble) })
  return line
}

function breakLine(line: Line, trouble: SourceTrouble): void {
  line.broken ??= trouble
  line.socket.destroy()
  line.waiting?.reject(line.broken)
  line.waiting = undefined
}

function broke({ connection: { host, port } }: Line, reason: string): SourceTrouble {
  return new SourceTrouble('source_lost', `${host}:${port} does not speak EtherNet/IP correctly (${reason})`)
}

/** Frames come in pieces of any length. */
function take(line: Line, bytes: Uint8Array): void {
  line.received = line.received.length === 0 ? bytes : Buffer.concat([line.received, bytes])
  for (;;) {
    const cut = cutFrame(line.received)
    if (cut.kind === 'nonsense') breakLine(line, broke(line, 'its answer has no end'))
    if (cut.kind !== 'frame') return
    line.received = line.received.subarray(cut.length)
    // A frame that nobody waits for is late, and is dropped.
    if (!line.waiting?.isIt(cut.frame)) continue
    line.waiting.resolve(cut.frame)
    line.waiting = undefined
  }
}

async function exchange(line: Line, bytes: Uint8Array, isIt: Waiting['isIt'], signal: AbortSignal): Promise<CipFrame> {
  const { host, port, timeoutMs } = line.connection
  signal.throwIfAborted()
  if (line.broken) throw line.broken
  const { promise, resolve, reject } = Promise.withResolvers<CipFrame>()
  line.waiting = { isIt, resolve, reject }
  const silent = new SourceTrouble('source_silent', `${host}:${port} did not answer within ${timeoutMs} ms`)
  const timer = setTimeout(() => breakLine(line, silent), timeoutMs)
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  line.socket.write(bytes)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

async function register(line: Line, signal: AbortSignal): Promise<void> {
  const { host, port } = line.connection
  const isIt = ({ command }: CipFrame) => command === REGISTER_SESSION
  const { session, status } = await exchange(line, registerSession(), isIt, signal)
  if (isRefusal(status))
    throw new SourceTrouble('source_refused', `${host}:${port} opens no session (status ${status})`)
  if (status !== 0) throw broke(line, `status ${status}`)
  line.session = session
}

/**
 * Opens a connection of the configured size. If the controller rejects it, a plain connection, which every controller
 * accepts.
 */
async function openConnection(line: Line, random: () => number, signal: AbortSignal): Promise<void> {
  const { host, port, slot, connectionBytes, keepAliveMs } = line.connection
  let refusal = ''
  for (const bytes of new Set([connectionBytes, PLAIN_BYTES])) {
    const numbers = { toUs: drawn(random, 2 ** 32), connection: drawn(random, 2 ** 16), serial: drawn(random, 2 ** 32) }
    const wanted = { ...numbers, slot, bytes, keepAliveMs }
    const reply = await askPlainly(line, forwardOpen(wanted), signal)
    const number = openedConnection(reply)
    if (number !== undefined) {
      line.opened = { wanted, number, sequence: 0 }
      return
    }
    refusal = connectionRefusal(reply)
  }
  throw new SourceTrouble('source_refused', `${host}:${port}: ${refusal}`)
}

const drawn = (random: () => number, below: number) => Math.floor(random() * below)

/** Sends a message without a connection. */
async function askPlainly(line: Line, message: Uint8Array, signal: AbortSignal): Promise<Reply> {
  const isIt = ({ command }: CipFrame) => command === SEND_RR_DATA
  const frame = await exchange(line, unconnected(line.session, message), isIt, signal)
  return replyIn(line, frame, message)
}

async function ask(line: Line, message: Uint8Array, signal: AbortSignal): Promise<Reply> {
  const { opened } = line
  if (!opened) throw broke(line, 'there is no connection')
  opened.sequence = (opened.sequence + 1) % 0x1_0000
  line.wasAsked = true
  const { sequence } = opened
  const place = { session: line.session, connection: opened.number, sequence }
  // An unreadable answer is an answer too: it ends the connection.
  const isOurs = (carried: Carried | undefined) =>
    !carried || (carried.connection === opened.wanted.toUs && carried.sequence === sequence)
  const isIt = (frame: CipFrame) => frame.command === SEND_UNIT_DATA && isOurs(carriedBy(frame))
  const frame = await exchange(line, connected(place, message), isIt, signal)
  return replyIn(line, frame, message)
}

function replyIn(line: Line, frame: CipFrame, message: Uint8Array): Reply {
  const carried = frame.status === 0 ? carriedBy(frame) : undefined
  const reply = carried && parseReply(carried.message)
  if (reply && reply.service === message[0]) return reply
  const trouble = broke(line, frame.status === 0 ? 'an answer that cannot be read' : `status ${frame.status}`)
  breakLine(line, trouble)
  throw trouble
}

/**
 * Sends a request if no other was sent, so that the controller keeps the connection. Ends with the line: the next
 * request reports the line's trouble.
 */
async function keepAlive(line: Line, turn: Turns, { clock, signal }: { clock: Clock; signal: AbortSignal }) {
  while (!line.broken) {
    await clock.sleep(line.connection.keepAliveMs, signal)
    if (!line.wasAsked) await turn(() => ask(line, askIdentity(), signal))
    line.wasAsked = false
  }
}

/** In milliseconds. A controller closes at once when it gets the end. A controller that is gone is not waited for. */
const GOODBYE_MS = 500

/**
 * Releases the resources in the controller. It reads until the other side closes: a socket that is closed before the
 * answer may discard the last message.
 */
async function hangUp({ socket, opened, session, broken }: Line): Promise<void> {
  if (broken) return
  const close = opened ? [unconnected(session, forwardClose(opened.wanted))] : []
  socket.end(Buffer.concat([...close, unregisterSession(session)]))
  const late = setTimeout(() => socket.destroy(), GOODBYE_MS)
  await once(socket, 'close').catch(() => undefined)
  clearTimeout(late)
}
