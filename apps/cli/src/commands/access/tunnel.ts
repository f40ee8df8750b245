import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { isDatagramTarget } from '@skerry/core/access/judge-grant'
import { joinStreams } from '@skerry/platform/network/join-streams'
import { command, required } from '../../program/command.ts'
import { exitCodes, Failure, failureOf } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { DEVICE, GRANT, WHY } from './access-options.ts'
import { type AccessRequest, openAccess } from './open-access.ts'
import { parseTunnel } from './target.ts'
import { tunnelDatagrams } from './tunnel-udp.ts'

export const openTunnel = command({
  name: 'tunnel',
  summary: 'Reach a TCP or UDP port of a device, or of a machine behind it, at a local port',
  details:
    'Listens on 127.0.0.1 only, until Ctrl-C. Needs a grant for the port. Write udp: before a UDP port. The device reaches its own loopback ports, and the addresses that its operator has named with --remote-address.',
  examples: [
    'skerry tunnel press-1 8080 --reason "look at the page of the camera"',
    'skerry tunnel press-1 192.168.7.5:502:1502 --grant gra_abcdefgh234567',
    'skerry tunnel press-1 udp:192.168.7.5:161:1161 --reason "read the switch"',
  ],
  output: 'stream',
  arguments: { device: DEVICE, tunnel: required('<port>', 'PORT, PORT:LOCAL or ADDRESS:PORT:LOCAL', parseTunnel) },
  options: { grant: GRANT, reason: WHY },
  async run({ device, tunnel: { target, localPort }, grant, reason }, session) {
    const request = { device, grant, reason, wish: { kind: 'port' as const, target } }
    // The first connection shows at once whether the grant, the device and the port are right.
    const probe = await openAccess(session, request)
    probe.stream.destroy()
    const show = (port: number) => {
      const local = `127.0.0.1:${port}`
      session.printEvent({
        json: { local, device: probe.device, target },
        text: () => `${local} -> ${probe.device} ${target}`,
      })
    }
    const asDatagrams = { localPort, onListen: show }
    if (isDatagramTarget(target)) return tunnelDatagrams(session, request, asDatagrams).catch(notOpened(localPort))
    const server = createServer(
      { allowHalfOpen: true, noDelay: true },
      (socket) => void serve(session, request, socket),
    )
    server.listen(localPort, '127.0.0.1')
    await once(server, 'listening').catch(notOpened(localPort))
    show((server.address() as AddressInfo).port)
    await new Promise<void>((resolve) => {
      if (session.signal.aborted) resolve()
      session.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    server.close()
  },
})

const notOpened =
  (localPort: number) =>
  (error: unknown): never => {
    const message = `127.0.0.1:${localPort} cannot be opened: ${error instanceof Error ? error.message : error}`
    throw new Failure({ code: 'port_in_use', message, exitCode: exitCodes.failed, next: `give another local port` })
  }

/** Each connection is a session of its own, so that a revoked grant counts at once. */
async function serve(session: Session, request: AccessRequest, socket: Socket): Promise<void> {
  socket.on('error', () => undefined)
  try {
    const { stream } = await openAccess(session, request)
    session.signal.addEventListener('abort', () => void socket.destroy(), { once: true })
    await joinStreams(socket, stream)
  } catch (error) {
    socket.destroy()
    if (!session.signal.aborted) session.note(failureOf(error, session.signal).message)
  }
}
