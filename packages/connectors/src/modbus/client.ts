/** Modbus client: the library, connected over TCP or to a serial line. */
import { openSerialLine } from '@skerry/connectors/serial-line/serial-line'
import { SourceTrouble } from '@skerry/connectors/session'
import type { ModbusConnection, ModbusSerial } from '@skerry/contract/sources/protocols/source-modbus'
import modbus from 'modbus-serial'
import { rtuPortOf } from './rtu-port.ts'

export type ModbusClient = InstanceType<typeof modbus.default>

export type OpenClient = { modbus: ModbusClient; close: () => Promise<void> }

/** Connects. Throws `SourceTrouble`. */
export async function openClient(connection: ModbusConnection, signal: AbortSignal): Promise<OpenClient> {
  return connection.serial ? openRtu(connection.serial, connection.timeoutMs, signal) : openTcp(connection, signal)
}

async function openRtu(serial: ModbusSerial, timeoutMs: number, signal: AbortSignal): Promise<OpenClient> {
  const { interFrameMs: _, ...settings } = serial
  const line = await openSerialLine(settings, signal)
  const client = prepared(new modbus.default(rtuPortOf(line)), timeoutMs)
  await new Promise<void>((resolve) => client.open(() => resolve()))
  const destroy = closing(client)
  return {
    modbus: client,
    async close() {
      await destroy()
      await line[Symbol.asyncDispose]()
    },
  }
}

async function openTcp({ host = '', port, timeoutMs }: ModbusConnection, signal: AbortSignal): Promise<OpenClient> {
  const client = prepared(new modbus.default(), timeoutMs)
  const close = closing(client)
  try {
    await within(client.connectTCP(host, { port }), timeoutMs, signal)
  } catch (cause) {
    await close()
    signal.throwIfAborted()
    throw new SourceTrouble('source_unreachable', `cannot connect to ${host}:${port} (${reasonOf(cause)})`, { cause })
  }
  return { modbus: client, close }
}

function prepared(client: ModbusClient, timeoutMs: number): ModbusClient {
  // What goes wrong between two requests shows at the next one.
  client.on('error', () => undefined)
  client.setTimeout(timeoutMs)
  return client
}

const closing = (client: ModbusClient) => () => new Promise<void>((resolve) => client.destroy(() => resolve()))

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
export function reasonOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return String(cause)
  if ('errno' in cause && typeof cause.errno === 'string') return cause.errno
  if ('code' in cause && typeof cause.code === 'string') return cause.code
  return 'message' in cause ? String(cause.message) : 'no reason given'
}
