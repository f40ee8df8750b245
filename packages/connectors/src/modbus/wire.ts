/**
 * Modbus wire: one request at a time over one connection. After a request that was not answered in time the connection is dropped, because an answer that
 * comes late would be taken for the next request's.
 */

import { SourceTrouble } from '@skerry/connectors/session'
import type { ModbusConnection } from '@skerry/contract/source-modbus'
import type { Clock } from '@skerry/platform/clock'
import modbus from 'modbus-serial'
import { isBitTable, type Table } from './address.ts'

type ModbusClient = InstanceType<typeof modbus.default>

export type Answer = { ok: true; bytes: Uint8Array } | { ok: false; exception: number }

export type Wire = AsyncDisposable & {
  /** Registers: two bytes each. Coils and discrete inputs: a byte each, 0 or 1. */
  read(table: Table, span: { start: number; length: number }, signal: AbortSignal): Promise<Answer>
  writeCoil(start: number, isOn: boolean, signal: AbortSignal): Promise<Answer>
  writeRegisters(start: number, bytes: Uint8Array, signal: AbortSignal): Promise<Answer>
}

/** [Modbus 7] */
const BUSY = 6

/** Connects. Throws `SourceTrouble`. */
export async function openWire(connection: ModbusConnection, clock: Clock, signal: AbortSignal): Promise<Wire> {
  const { host, port, unit, timeoutMs } = connection
  const client = new modbus.default()
  // What goes wrong between two requests shows at the next one.
  client.on('error', () => undefined)
  client.setTimeout(timeoutMs)
  client.setID(unit)
  const close = () => new Promise<void>((resolve) => client.destroy(() => resolve()))
  try {
    await within(client.connectTCP(host, { port }), timeoutMs, signal)
  } catch (cause) {
    await close()
    signal.throwIfAborted()
    throw new SourceTrouble('source_unreachable', `cannot connect to ${host}:${port} (${reasonOf(cause)})`, { cause })
  }
  await clock.sleep(connection.pauseAfterConnectMs, signal)
  // The library lets a request whose connection is closed wait until its time is over.
  const closed = Promise.withResolvers<never>()
  closed.promise.catch(() => undefined)
  client.on('close', () => closed.reject(new SourceTrouble('source_lost', CLOSED)))
  const turn = takeTurns()
  const ask = (work: () => Promise<Uint8Array>, waiting: AbortSignal) =>
    turn(() => askOnce({ connection, clock, client }, () => Promise.race([work(), closed.promise]), waiting))
  return {
    read: (table, { start, length }, waiting) => ask(() => readTable(client, table, start, length), waiting),
    writeCoil: (start, isOn, waiting) => ask(() => client.writeCoil(start, isOn).then(() => NOTHING), waiting),
    writeRegisters: (start, bytes, waiting) => ask(() => writeWords(client, start, bytes), waiting),
    [Symbol.asyncDispose]: close,
  }
}

const NOTHING = new Uint8Array()

const CLOSED = 'the equipment closed the connection'

type Asking = { connection: ModbusConnection; clock: Clock; client: ModbusClient }

async function askOnce(
  { connection, clock, client }: Asking,
  work: () => Promise<Uint8Array>,
  signal: AbortSignal,
): Promise<Answer> {
  for (let retries = 0; ; retries += 1) {
    signal.throwIfAborted()
    if (!client.isOpen) throw new SourceTrouble('source_lost', CLOSED)
    const answer = await outcomeOf(work, connection)
    await clock.sleep(connection.pauseBetweenRequestsMs, signal)
    if (answer.ok || answer.exception !== BUSY || retries >= connection.busyRetries) return answer
    await clock.sleep(connection.busyPauseMs, signal)
  }
}

async function outcomeOf(
  work: () => Promise<Uint8Array>,
  { host, port, timeoutMs }: ModbusConnection,
): Promise<Answer> {
  try {
    return { ok: true, bytes: await work() }
  } catch (cause) {
    if (cause instanceof SourceTrouble) throw cause
    if (cause instanceof Error && 'modbusCode' in cause && typeof cause.modbusCode === 'number') {
      return { ok: false, exception: cause.modbusCode }
    }
    const reason = reasonOf(cause)
    if (reason === 'ETIMEDOUT') {
      throw new SourceTrouble('source_silent', `${host}:${port} did not answer within ${timeoutMs} ms`, { cause })
    }
    throw new SourceTrouble('source_lost', `the connection to ${host}:${port} broke (${reason})`, { cause })
  }
}

async function readTable(client: ModbusClient, table: Table, start: number, length: number): Promise<Uint8Array> {
  if (!isBitTable(table)) {
    const read =
      table === 'holding' ? client.readHoldingRegisters(start, length) : client.readInputRegisters(start, length)
    return whole((await read).buffer, length * 2)
  }
  const { data } = await (table === 'coil' ? client.readCoils(start, length) : client.readDiscreteInputs(start, length))
  return Uint8Array.from(data.slice(0, length), Number)
}

/** An answer of another length belongs to another request. */
function whole(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes
  throw new Error(`an answer of ${bytes.length} bytes where ${length} were asked for`)
}

async function writeWords(client: ModbusClient, start: number, bytes: Uint8Array): Promise<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const words = Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(index * 2))
  // [Modbus 6.6, 6.12] Small equipment knows only the one for a single register.
  if (words.length === 1) await client.writeRegister(start, words[0] ?? 0)
  else await client.writeRegisters(start, words)
  return NOTHING
}

/** Runs one piece of work after the other, whether the one before went well or not. */
function takeTurns() {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work)
    last = result.catch(() => undefined)
    return result
  }
}

async function within<T>(work: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(ms)])
  const { promise, reject } = Promise.withResolvers<never>()
  const give = () => reject(new Error('ETIMEDOUT'))
  limited.addEventListener('abort', give, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    limited.removeEventListener('abort', give)
  }
}

/** The library throws errors, and things of its own that only look like some. */
function reasonOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return String(cause)
  if ('errno' in cause && typeof cause.errno === 'string') return cause.errno
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return 'message' in cause ? String(cause.message) : 'no reason given'
}
