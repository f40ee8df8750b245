/** App ports: whether the ports of a release are free, before the release that serves is stopped for it. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AppPort } from '@skerry/contract/apps/app'
import { systemCode } from '@skerry/platform/files/file-system'

/** Only that another program listens is an obstacle. The engine finds all others, and may have more rights. */
const TAKEN = 'EADDRINUSE'

/** The first port at which another program listens; undefined if there is none. */
export async function takenPort(ports: readonly AppPort[]): Promise<AppPort | undefined> {
  for (const port of ports) if (await isTaken(port)) return port
  return undefined
}

async function isTaken({ address, host, protocol }: AppPort): Promise<boolean> {
  try {
    await (protocol === 'tcp' ? tryTcp(address, host) : tryUdp(address, host))
    return false
  } catch (error) {
    return systemCode(error) === TAKEN
  }
}

async function tryTcp(host: string, port: number): Promise<void> {
  const server = createServer()
  server.listen({ host, port, exclusive: true })
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

async function tryUdp(address: string, port: number): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.bind(port, address)
  await once(socket, 'listening')
  socket.close()
  await once(socket, 'close')
}
