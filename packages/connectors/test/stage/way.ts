/** Way: a port of loopback that leads to another one, and can be cut, with all connections over it. */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from '@skerry/testkit/free-port'

export type Way = AsyncDisposable & { port: number; cut(): Promise<void>; mend(): Promise<void> }

export async function openWay(to: number): Promise<Way> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  let server: Server | undefined
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  }
  const way: Way = {
    port,
    async cut() {
      server?.close()
      for (const socket of sockets) socket.destroy()
    },
    async mend() {
      server = createServer((near) => {
        const far = connect(to, '127.0.0.1')
        for (const socket of [near, far]) keep(socket)
        near.pipe(far).pipe(near)
        near.on('close', () => far.destroy())
        far.on('close', () => near.destroy())
      }).listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    [Symbol.asyncDispose]: () => way.cut(),
  }
  await way.mend()
  return way
}
