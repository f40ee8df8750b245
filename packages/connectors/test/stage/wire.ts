/** Wire: a port of loopback that leads to another one and keeps all that goes over it, for tshark to judge. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type Chunk, dissect } from './dissect.ts'

export type Wire = AsyncDisposable & {
  port: number
  /** What tshark makes of all so far: of each packet that fits the display filter the fields, each a list of what it holds. */
  dissect(protocol: string, filter: string, fields: readonly string[]): Record<string, string[]>[]
}

/** One connection at a time: what several say would be one conversation to tshark. */
export async function openWire(to: number): Promise<Wire> {
  const chunks: Chunk[] = []
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(to, 'localhost')
    const lead = (from: Socket, onto: Socket, way: Chunk['way']) => {
      sockets.add(from)
      from.on('error', () => onto.destroy()).on('close', () => onto.destroy())
      from.on('data', (bytes) => chunks.push({ way, bytes }))
      from.pipe(onto)
    }
    lead(near, far, 'O')
    lead(far, near, 'I')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    dissect: (protocol, filter, fields) => dissect(chunks, { transport: 'tcp', protocol, filter, fields }),
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
