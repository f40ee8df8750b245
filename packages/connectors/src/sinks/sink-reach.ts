/**
 * Sink reach: a test of a destination that writes nothing there. A protocol with a session of its own opens one. For
 * HTTP only the address can be tested, because a request is a delivery.
 */
import { access, constants } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, isAbsolute, join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { Sink } from '@skerry/contract/sinks/sink'
import type { SinkReached } from '@skerry/contract/sinks/sink-trial'
import { isOfCertificate, type SinkDeps, SinkTrouble } from '../sink.ts'
import { openSink } from './sinks.ts'

/** Throws `SinkTrouble`. */
export async function reachSink(sink: Sink, deps: SinkDeps, signal: AbortSignal): Promise<SinkReached> {
  switch (sink.protocol) {
    case 'webhook':
    case 'influx':
      await reachAddress(sink.connection.url, sink.connection.timeoutMs)
      return 'address'
    case 'file':
      await reachFolder(isAbsolute(sink.connection.folder) ? sink.connection.folder : deps.folder)
      return 'address'
    case 'postgres':
      return openOnce({ ...sink, connection: { ...sink.connection, create: false, hypertable: false } }, deps, signal)
    case 'kafka':
      return openOnce({ ...sink, connection: { ...sink.connection, create: false } }, deps, signal)
    case 'sparkplug':
      return openOnce(asBroker(sink), deps, signal)
    case 'amqp':
    case 'mqtt':
    case 'nats':
      return openOnce(sink, deps, signal)
    case 'hub':
      throw new SinkTrouble('sink_unfit', NO_HUB_TEST)
  }
}

const NO_HUB_TEST =
  'values for the hub use the connection of the device, which has no test of its own; "skerry device show" says whether it is connected'

/** A node is born and dies with its session, and hosts would see both. */
function asBroker({ name, batch, queue, connection }: Extract<Sink, { protocol: 'sparkplug' }>): Sink {
  const { group: _, node: __, primaryHost: ___, commands: ____, ...broker } = connection
  return {
    name,
    batch,
    queue,
    protocol: 'mqtt',
    connection: { ...broker, topic: 'skerry/{signal}', retain: false },
  }
}

async function openOnce(sink: Sink, deps: SinkDeps, signal: AbortSignal): Promise<SinkReached> {
  await using _session = await openSink(sink, deps, signal)
  return 'session'
}

async function reachAddress(url: string, timeoutMs: number): Promise<void> {
  const { protocol, hostname, port } = new URL(url)
  const host = hostname.replaceAll(/^\[|\]$/g, '')
  const isTls = protocol === 'https:'
  const at = { host, port: Number(port) || (isTls ? 443 : 80), timeout: timeoutMs }
  const socket = isTls ? connectTls({ ...at, servername: host }) : connect(at)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(isTls ? 'secureConnect' : 'connect', resolve)
      socket.once('error', reject)
      socket.once('timeout', () => reject(new SinkTrouble('sink_silent', `no answer within ${timeoutMs} ms`)))
    })
  } catch (error) {
    if (error instanceof SinkTrouble) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new SinkTrouble(isOfCertificate(code) ? 'sink_denied' : 'sink_unreachable', message, { cause: error })
  } finally {
    socket.destroy()
  }
}

/** The sink makes missing folders. So the nearest one that exists decides. */
async function reachFolder(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && dirname(folder) !== folder) return reachFolder(join(folder, '..'))
    throw new SinkTrouble(code === 'EACCES' || code === 'EROFS' ? 'sink_denied' : 'sink_unfit', message, {
      cause: error,
    })
  }
}
