/**
 * Tunnel of UDP: a local UDP port, whose datagrams reach a port of a device. Each local program that sends is a session
 * of its own, because the answers must come back to it.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type DatagramFrames, openDatagramFrames } from '@skerry/platform/network/datagram-frames'
import { failureOf } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { type AccessRequest, openAccess } from './open-access.ts'

/** A quarter of the streams that a device takes. The datagrams of further programs are dropped. */
const PROGRAMS_MAX = 32

/** Datagrams that wait until a session is open. A program that gets no answer sends again. */
const WAITING_MAX = 64

/** A program that sends nothing for so long gets a new session. */
const SILENT_MS = 60_000

type Program = { frames: DatagramFrames | undefined; waiting: Buffer[]; refresh(): void }

/** Listens until the signal of the session aborts. Calls `onListen` with the port. */
export async function tunnelDatagrams(
  session: Session,
  request: AccessRequest,
  { localPort, onListen }: { localPort: number; onListen: (port: number) => void },
): Promise<void> {
  const socket = createSocket('udp4')
  const programs = new Map<string, Program>()
  socket.on('message', (datagram, from) => {
    const key = `${from.address}:${from.port}`
    const known = programs.get(key)
    if (known) return pass(known, datagram)
    if (programs.size >= PROGRAMS_MAX) return
    const program: Program = { frames: undefined, waiting: [datagram], refresh: () => undefined }
    programs.set(key, program)
    void serve({ session, request, socket }, program, from).finally(() => programs.delete(key))
  })
  socket.bind(localPort, '127.0.0.1')
  await once(socket, 'listening')
  // A program that is gone must not end the tunnel.
  socket.on('error', () => undefined)
  onListen(socket.address().port)
  if (!session.signal.aborted) await once(session.signal, 'abort')
  socket.close()
}

function pass(program: Program, datagram: Buffer): void {
  program.refresh()
  if (program.frames) program.frames.send(datagram)
  else if (program.waiting.length < WAITING_MAX) program.waiting.push(datagram)
}

type Serving = { session: Session; request: AccessRequest; socket: Socket }

async function serve({ session, request, socket }: Serving, program: Program, { port, address }: RemoteInfo) {
  try {
    const { stream } = await openAccess(session, request)
    const timer = setTimeout(() => stream.destroy(), SILENT_MS)
    const stop = () => void stream.destroy()
    session.signal.addEventListener('abort', stop, { once: true })
    program.refresh = () => void timer.refresh()
    program.frames = openDatagramFrames(stream, (datagram) => {
      timer.refresh()
      if (!session.signal.aborted) socket.send(datagram, port, address)
    })
    for (const datagram of program.waiting.splice(0)) program.frames.send(datagram)
    await program.frames.ended
    session.signal.removeEventListener('abort', stop)
    clearTimeout(timer)
  } catch (error) {
    if (!session.signal.aborted) session.note(failureOf(error, session.signal).message)
  }
}
