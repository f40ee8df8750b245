/** Connect target: a TCP connection to a program beside the agent, for a stream. */
import { connect, type Socket } from 'node:net'
import { joinStreams } from '@skerry/platform/network/join-streams'
import type { Address } from '../options.ts'
import type { PreparedTarget } from './stream-desk.ts'

/** Loopback answers at once. Equipment behind a radio needs seconds. */
const CONNECT_MS = 10_000

/** Connects, or returns the reason why not. */
export async function connectTarget({ host, port }: Address, signal: AbortSignal): Promise<PreparedTarget> {
  const socket = connect({ host, port, noDelay: true, allowHalfOpen: true })
  const failed = await connected(socket, signal)
  if (failed !== undefined) {
    socket.destroy()
    return {
      ok: false,
      code: 'stream_refused',
      message: `nothing answers at ${host}:${port} of the device (${failed})`,
    }
  }
  return {
    ok: true,
    target: { run: (stream) => joinStreams(stream, socket), [Symbol.dispose]: () => void socket.destroy() },
  }
}

function connected(socket: Socket, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const late = setTimeout(() => resolve(`no answer within ${CONNECT_MS / 1_000} s`), CONNECT_MS)
  const abort = () => resolve('the request was cancelled')
  signal.addEventListener('abort', abort, { once: true })
  socket.once('connect', () => resolve(undefined))
  // The listener stays: a connection that breaks later must not end the agent.
  socket.on('error', (error) => resolve(error.message))
  return promise.finally(() => {
    clearTimeout(late)
    signal.removeEventListener('abort', abort)
  })
}
