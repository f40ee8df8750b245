/** Connect proxy: an HTTP proxy on loopback that passes connections on by CONNECT, and nothing else [RFC 9110 9.3.6]. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export type ConnectProxy = AsyncDisposable & {
  /** Such as http://127.0.0.1:3128. */
  address: string
  /** HOST:PORT of each request, oldest first. */
  targets(): readonly string[]
}

/** Starts it. `isAllowed` decides on each target. */
export async function startConnectProxy(isAllowed: (target: string) => boolean = () => true): Promise<ConnectProxy> {
  const targets: string[] = []
  const open = new Set<Socket>()
  const server = createServer()
  server.on('connect', ({ url = '' }, client: Socket) => {
    targets.push(url)
    open.add(client)
    client.on('error', () => undefined)
    if (!isAllowed(url)) return client.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const { hostname, port } = new URL(`tcp://${url}`)
    const onward = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) })
    open.add(onward)
    onward.on('error', () => client.destroy())
    onward.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(onward)
      onward.pipe(client)
    })
    client.on('close', () => onward.destroy())
    onward.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}`,
    targets: () => targets,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
