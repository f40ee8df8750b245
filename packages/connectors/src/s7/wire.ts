/**
 * S7 wire: one connection to a CPU, one request at a time. After a request without an answer in time, the connection is
 * dropped.
 */
import type { Socket } from 'node:net'
import { SourceTrouble } from '@skerry/connectors/session'
import { connectTcp, hearTcp } from '@skerry/connectors/tcp-socket'
import { ONE_TURN, politely, type Turns, takeTurns } from '@skerry/connectors/turns'
import type { S7Connection } from '@skerry/contract/sources/protocols/source-s7'
import type { Clock } from '@skerry/platform/process/clock'
import {
  connectRequest,
  type Item,
  type ItemAnswer,
  parseFrame,
  readAnswer,
  readRequest,
  type S7Frame,
  setupAnswer,
  setupRequest,
  writeAnswer,
  writeRequest,
} from './frame.ts'

export type Wire = AsyncDisposable &
  Requests & {
    /** All requests run in one turn. */
    alone<T>(work: (own: Requests) => Promise<T>): Promise<T>
  }

export type Requests = {
  /** The agreed length of messages. */
  pdu: number
  /** As many items as `packItems` put together. */
  read(items: readonly Item[], signal: AbortSignal): Promise<ItemAnswer[]>
  write(item: Item, bytes: Uint8Array, signal: AbortSignal): Promise<ItemAnswer>
}

type Answer = Extract<S7Frame, { kind: 'answer' }>

/** The answer that the line waits for. */
type Waiting = {
  isIt: (frame: S7Frame) => boolean
  resolve: (frame: S7Frame) => void
  reject: (trouble: Error) => void
}

type Line = {
  connection: S7Connection
  socket: Socket
  waiting: Waiting | undefined
  received: Uint8Array
  broken: SourceTrouble | undefined
  sequence: number
}

/** [RFC 1006, 6] The most bytes of a CPU's message: the largest message of ours with its headers. */
const FRAME_MAX = 2_048

/** Connects to the CPU. Throws `SourceTrouble`. */
export async function openWire(connection: S7Connection, clock: Clock, signal: AbortSignal): Promise<Wire> {
  const line = await openLine(connection, signal)
  const close = async () => void line.socket.destroy()
  try {
    await clock.sleep(connection.pauseAfterConnectMs, signal)
    const { localTsap, remoteTsap = 0x0100 + connection.rack * 32 + connection.slot } = connection
    await exchange(line, connectRequest(localTsap, remoteTsap), ({ kind }) => kind === 'connected', signal)
    const agreed = setupAnswer(await ask(line, (sequence) => setupRequest(sequence, connection.pduMax), signal))
    if (agreed === undefined) throw broke(line, 'it agreed on nothing')
    const turn = takeTurns()
    const pdu = Math.min(connection.pduMax, agreed)
    return {
      ...requestsIn(turn, { line, pdu, clock }),
      alone: (work) => turn(() => work(requestsIn(ONE_TURN, { line, pdu, clock }))),
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function requestsIn(turns: Turns, { line, pdu, clock }: { line: Line; pdu: number; clock: Clock }): Requests {
  const inTurn = politely(turns, line.connection.pauseBetweenRequestsMs, clock)
  return {
    pdu,
    read: (items, waiting) => inTurn(() => readItems(line, items, waiting), waiting),
    write: (item, bytes, waiting) => inTurn(() => writeItem(line, item, bytes, waiting), waiting),
  }
}

async function openLine(connection: S7Connection, signal: AbortSignal): Promise<Line> {
  const socket = await connectTcp(connection, signal)
  const line: Line = {
    connection,
    socket,
    waiting: undefined,
    received: new Uint8Array(),
    broken: undefined,
    sequence: 0,
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

const broke = ({ connection: { host, port } }: Line, reason: string) =>
  new SourceTrouble('source_lost', `${host}:${port} does not speak S7 correctly (${reason})`)

function take(line: Line, bytes: Uint8Array): void {
  line.received = line.received.length === 0 ? bytes : Buffer.concat([line.received, bytes])
  for (;;) {
    const [version, , high = 0, low = 0] = line.received
    if (line.received.length < 4) return
    const length = high * 256 + low
    if (version !== 3 || length < 7 || length > FRAME_MAX) {
      breakLine(line, broke(line, 'its answer has no start'))
      return
    }
    if (line.received.length < length) return
    const frame = parseFrame(line.received.subarray(0, length))
    line.received = line.received.subarray(length)
    // A frame that nobody waits for is late, and is dropped.
    if (!frame || !line.waiting?.isIt(frame)) continue
    line.waiting.resolve(frame)
    line.waiting = undefined
  }
}

async function exchange(line: Line, request: Uint8Array, isIt: Waiting['isIt'], signal: AbortSignal): Promise<S7Frame> {
  const { host, port, timeoutMs } = line.connection
  signal.throwIfAborted()
  if (line.broken) throw line.broken
  const { promise, resolve, reject } = Promise.withResolvers<S7Frame>()
  line.waiting = { isIt, resolve, reject }
  const silent = new SourceTrouble('source_silent', `${host}:${port} did not answer within ${timeoutMs} ms`)
  const timer = setTimeout(() => breakLine(line, silent), timeoutMs)
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  line.socket.write(request)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

async function ask(line: Line, requestOf: (sequence: number) => Uint8Array, signal: AbortSignal): Promise<Answer> {
  line.sequence = (line.sequence + 1) % 0x1_0000
  const { sequence } = line
  const isIt = (frame: S7Frame) => frame.kind === 'answer' && frame.sequence === sequence
  const frame = await exchange(line, requestOf(sequence), isIt, signal)
  if (frame.kind !== 'answer') throw broke(line, 'it connected twice')
  return frame
}

async function readItems(line: Line, items: readonly Item[], signal: AbortSignal): Promise<ItemAnswer[]> {
  const answer = await ask(line, (sequence) => readRequest(sequence, items), signal)
  if (answer.error !== 0) return items.map(() => ({ ok: false, code: answer.error }))
  const answers = readAnswer(answer, items)
  if (!answers) throw broke(line, 'an answer of another length')
  return answers
}

async function writeItem(line: Line, item: Item, bytes: Uint8Array, signal: AbortSignal): Promise<ItemAnswer> {
  const answer = await ask(line, (sequence) => writeRequest(sequence, item, bytes), signal)
  if (answer.error !== 0) return { ok: false, code: answer.error }
  const said = writeAnswer(answer)
  if (!said) throw broke(line, 'its answer does not mention the write')
  return said
}
