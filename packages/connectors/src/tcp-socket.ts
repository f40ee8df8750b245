/** TCP socket: a connection to equipment that needs one of its own, or the trouble that prevented or ended it. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { SourceTrouble } from './session.ts'

export type TcpAddress = { host: string; port: number; timeoutMs: number }

/** Connects. Throws `SourceTrouble`, or the reason of the signal. */
export async function connectTcp({ host, port, timeoutMs }: TcpAddress, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  // Other listeners report the error with its details. Without any listener it would be thrown.
  socket.on('error', () => undefined)
  try {
    await once(socket, 'connect', { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) })
    return socket
  } catch (cause) {
    socket.destroy()
    signal.throwIfAborted()
    throw new SourceTrouble('source_unreachable', `cannot connect to ${host}:${port} (${reasonOf(cause)})`, { cause })
  }
}

/** Passes on the received bytes, and the reason why the connection ended. The reason may be reported twice. */
export function hearTcp(
  socket: Socket,
  { host, port }: TcpAddress,
  heard: { bytes: (bytes: Uint8Array) => void; lost: (trouble: SourceTrouble) => void },
): void {
  const lose = (reason: string) =>
    heard.lost(new SourceTrouble('source_lost', `the connection to ${host}:${port} broke (${reason})`))
  socket.on('error', (error) => lose(reasonOf(error)))
  socket.on('close', () => lose('closed'))
  socket.on('data', heard.bytes)
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  if (cause.name === 'AbortError') return 'ETIMEDOUT'
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}
