/** Datagram target: a UDP port of the device, or of a machine behind it, for a stream. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { openDatagramFrames } from '@skerry/platform/network/datagram-frames'
import type { Address } from '../options.ts'
import type { PreparedTarget } from './stream-desk.ts'

/** [RFC 4787 4.3] Address translators keep a silent pair for two minutes. UDP has no end of its own. */
const SILENT_MS = 120_000

/** UDP has no handshake, so an address without a program is not an error. */
export async function datagramTarget({ host, port }: Address, signal: AbortSignal): Promise<PreparedTarget> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  // A machine may report that nothing listens. The next datagram is sent anyway.
  socket.on('error', () => undefined)
  try {
    socket.connect(port, host)
    await once(socket, 'connect', { signal })
  } catch (error) {
    socket.close()
    const why = error instanceof Error ? error.message : String(error)
    return { ok: false, code: 'stream_refused', message: `the device cannot send to ${host}:${port} (${why})` }
  }
  return { ok: true, target: targetOf(socket) }
}

function targetOf(socket: Socket): Extract<PreparedTarget, { ok: true }>['target'] {
  return {
    async run(stream) {
      const silent = Promise.withResolvers<void>()
      const timer = setTimeout(silent.resolve, SILENT_MS)
      const frames = openDatagramFrames(stream, (datagram) => {
        timer.refresh()
        socket.send(datagram)
      })
      socket.on('message', (datagram) => {
        timer.refresh()
        frames.send(datagram)
      })
      await Promise.race([frames.ended, silent.promise])
      clearTimeout(timer)
      stream.destroy()
    },
    [Symbol.dispose]: () => socket.close(),
  }
}
