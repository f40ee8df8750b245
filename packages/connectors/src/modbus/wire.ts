/**
 * Modbus wire: one request at a time over one connection. If a request, also a write, gets no answer in time, a TCP
 * connection is given up: a late answer would count for the next request. A serial line stays open, because it has
 * other units. A silent unit is left alone for a while. After a unit that answered only at the second try, the wire
 * waits for the answer to the first one.
 */

import { SourceTrouble } from '@skerry/connectors/session'
import { ONE_TURN, type Turns, takeTurns } from '@skerry/connectors/turns'
import type { ModbusConnection } from '@skerry/contract/sources/protocols/source-modbus'
import type { Clock } from '@skerry/platform/process/clock'
import { untilLost } from '@skerry/platform/process/until-lost'
import { isBitTable, type RegisterPlace, type Table } from './address.ts'
import { type ModbusClient, openClient, reasonOf } from './client.ts'
import type { Exception } from './exceptions.ts'
import { createSilences, type Silences } from './silence.ts'

export type Answer = { ok: true; bytes: Uint8Array } | { ok: false; exception: Exception }

export type Wire = AsyncDisposable &
  Requests & {
    /** All requests run in one turn. */
    alone<T>(work: (own: Requests) => Promise<T>): Promise<T>
    /** Rejects with a `SourceTrouble` when no further request may be sent here, because an answer may come late. */
    ended: Promise<never>
  }

export type Requests = {
  /** Registers: two bytes each. Coils and discrete inputs: a byte each, 0 or 1. */
  read(place: RegisterPlace, signal: AbortSignal): Promise<Answer>
  /** As many values as the place is long. */
  writeCoils(place: RegisterPlace, areOn: boolean[], signal: AbortSignal): Promise<Answer>
  writeRegisters(place: RegisterPlace, bytes: Uint8Array, signal: AbortSignal): Promise<Answer>
}

/** [Modbus 7] */
const BUSY = 6

/** A frame that noise damaged is requested once more, before its unit counts as silent. */
const SERIAL_TRIES = 2

type Line = { connection: ModbusConnection; units: ReadonlySet<number> }

/** Connects to the equipment. Throws `SourceTrouble`. */
export async function openWire({ connection, units }: Line, clock: Clock, signal: AbortSignal): Promise<Wire> {
  const client = await openClient(connection, signal)
  await clock.sleep(connection.pauseAfterConnectMs, signal)
  // If the connection closes, the library lets a pending request wait until its time limit.
  const closed = Promise.withResolvers<never>()
  closed.promise.catch(() => undefined)
  client.modbus.on('close', () => closed.reject(new SourceTrouble('source_lost', CLOSED)))
  const turn = takeTurns()
  const ended = Promise.withResolvers<never>()
  ended.promise.catch(() => undefined)
  const asking: Asking = {
    connection,
    clock,
    modbus: client.modbus,
    silences: createSilences(units, clock),
    end: ended.reject,
    trouble: undefined,
  }
  const requestsIn = (turns: Turns) =>
    requestsOf(client.modbus, ({ unit }, work, waiting) =>
      turns(() => askUnit(asking, unit, () => untilLost(work(), closed.promise), waiting)),
    )
  return {
    ...requestsIn(turn),
    ended: ended.promise,
    alone: (work) => turn(() => work(requestsIn(ONE_TURN))),
    [Symbol.asyncDispose]: client.close,
  }
}

type Ask = (place: RegisterPlace, work: () => Promise<Uint8Array>, signal: AbortSignal) => Promise<Answer>

const requestsOf = (modbus: ModbusClient, ask: Ask): Requests => ({
  read: (place, waiting) => ask(place, () => readTable(modbus, place), waiting),
  writeCoils: (place, areOn, waiting) => ask(place, () => writeBits(modbus, place.start, areOn), waiting),
  writeRegisters: (place, bytes, waiting) => ask(place, () => writeWords(modbus, place.start, bytes), waiting),
})

const NOTHING = new Uint8Array()

const CLOSED = 'the equipment closed the connection'

type Asking = {
  connection: ModbusConnection
  clock: Clock
  modbus: ModbusClient
  silences: Silences
  end: (trouble: SourceTrouble) => void
  /** The reason why no further request is sent. */
  trouble: SourceTrouble | undefined
}

async function askUnit(
  asking: Asking,
  unit: number,
  work: () => Promise<Uint8Array>,
  signal: AbortSignal,
): Promise<Answer> {
  asking.modbus.setID(unit)
  if (!asking.connection.serial) return askOnce(asking, work, signal)
  if (asking.silences.isLeftAlone(unit)) return { ok: false, exception: 'left-alone' }
  for (let tries = 1; tries <= SERIAL_TRIES; tries += 1) {
    const answer = await askOnce(asking, work, signal)
    if (!answer.ok && answer.exception === 'silent') continue
    asking.silences.hear(unit)
    // If the first answer was only late, two answers are on their way. The second one must not meet a request that it
    // seems to answer.
    if (tries > 1) await asking.clock.sleep(asking.connection.timeoutMs, signal)
    return answer
  }
  asking.silences.miss(unit)
  return { ok: false, exception: 'silent' }
}

async function askOnce(asking: Asking, work: () => Promise<Uint8Array>, signal: AbortSignal): Promise<Answer> {
  const { connection, clock, modbus } = asking
  const pauseMs = Math.max(connection.pauseBetweenRequestsMs, stillnessMs(connection))
  for (let retries = 0; ; retries += 1) {
    signal.throwIfAborted()
    if (asking.trouble) throw asking.trouble
    if (!modbus.isOpen) throw new SourceTrouble('source_lost', CLOSED)
    const answer = await outcomeOf(work, asking)
    await clock.sleep(pauseMs, signal)
    if (answer.ok || answer.exception !== BUSY || retries >= connection.busyRetries) return answer
    await clock.sleep(connection.busyPauseMs, signal)
  }
}

/**
 * [Modbus over Serial Line 2.5.1.1] 3.5 characters of 11 bits. Above 19200 baud it is 1.75 ms, which is 2 ms for a
 * timer.
 */
function stillnessMs({ serial }: ModbusConnection): number {
  if (!serial) return 0
  return serial.interFrameMs ?? Math.max(2, Math.ceil((3.5 * 11 * 1_000) / serial.baudRate))
}

async function outcomeOf(work: () => Promise<Uint8Array>, asking: Asking): Promise<Answer> {
  const { host, port, serial, timeoutMs } = asking.connection
  const name = serial?.path ?? `${host}:${port}`
  try {
    return { ok: true, bytes: await work() }
  } catch (cause) {
    if (cause instanceof SourceTrouble) throw cause
    if (cause instanceof Error && 'modbusCode' in cause && typeof cause.modbusCode === 'number') {
      return { ok: false, exception: cause.modbusCode }
    }
    const reason = reasonOf(cause)
    if (reason === 'ETIMEDOUT' && serial) return { ok: false, exception: 'silent' }
    if (reason === 'ETIMEDOUT') {
      asking.trouble = new SourceTrouble('source_silent', `${name} did not answer within ${timeoutMs} ms`, { cause })
      asking.end(asking.trouble)
      throw asking.trouble
    }
    throw new SourceTrouble('source_lost', `the connection to ${name} broke (${reason})`, { cause })
  }
}

async function readTable(client: ModbusClient, { table, start, length }: RegisterPlace): Promise<Uint8Array> {
  if (!isBitTable(table)) return whole(await readWords(client, { table, start, length }), length * 2)
  const { data } = await (table === 'coil' ? client.readCoils(start, length) : client.readDiscreteInputs(start, length))
  return Uint8Array.from(data.slice(0, length), Number)
}

type Words = { table: Table; start: number; length: number }

async function readWords(client: ModbusClient, { table, start, length }: Words): Promise<Uint8Array> {
  const read =
    table === 'holding' ? client.readHoldingRegisters(start, length) : client.readInputRegisters(start, length)
  return (await read).buffer
}

/** An answer of another length belongs to another request. */
function whole(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length === length) return bytes
  throw new Error(`the answer has ${bytes.length} bytes, expected ${length}`)
}

async function writeBits(client: ModbusClient, start: number, areOn: boolean[]): Promise<Uint8Array> {
  // [Modbus 6.5, 6.11] For the same reason as with registers, below.
  if (areOn.length === 1) await client.writeCoil(start, areOn[0] === true)
  else await client.writeCoils(start, areOn)
  return NOTHING
}

async function writeWords(client: ModbusClient, start: number, bytes: Uint8Array): Promise<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const words = Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(index * 2))
  // [Modbus 6.6, 6.12] Small equipment knows only the function for a single register.
  if (words.length === 1) await client.writeRegister(start, words[0] ?? 0)
  else await client.writeRegisters(start, words)
  return NOTHING
}
