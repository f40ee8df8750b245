/** TCP socket: a connection to equipment that has one of its own, or the trouble that kept it from coming about or ended it. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { SourceTrouble } from './session.ts'

export type TcpAddress = { host: string; port: number; timeoutMs: number }

/** Connects. Throws `SourceTrouble`, or why the signal fired. */
export async function connectTcp({ host, port, timeoutMs }: TcpAddress, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true })
  // Whoever hears it says more of it; nobody has to.
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

/** Hears what comes, and why nothing comes any more; that may be told twice. */
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
