/**
 * Connect proxy: an HTTP proxy on loopback that passes connections on by CONNECT, and nothing else [RFC 9110 9.3.6]. It can
 * be a slow line, and it can cut all connections.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Transform } from 'node:stream'

export type ConnectProxy = AsyncDisposable & {
  /** Such as http://127.0.0.1:3128. */
  address: string
  /** HOST:PORT of each request, oldest first. */
  targets(): readonly string[]
  /** Ends all connections that lead to a target. The number of them. */
  cut(): number
}

/** In each direction of each connection. */
export type SlowLine = { delayMs: number; bytesPerSecond: number }

/** Starts it. `isAllowed` decides on each target. Without a slow line, bytes pass at once. */
export async function startConnectProxy(
  isAllowed: (target: string) => boolean = () => true,
  line?: SlowLine,
): Promise<ConnectProxy> {
  const targets: string[] = []
  /** Each client, and its connection to the target. */
  const open = new Map<Socket, Socket>()
  const server = createServer()
  server.on('connect', ({ url = '' }, client: Socket) => {
    targets.push(url)
    client.on('error', () => undefined)
    if (!isAllowed(url)) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      client.destroySoon()
      return
    }
    const { hostname, port } = new URL(`tcp://${url}`)
    const onward = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) })
    open.set(client, onward)
    onward.on('error', () => client.destroy())
    onward.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      pass(client, onward, line)
      pass(onward, client, line)
    })
    client.on('close', () => {
      open.delete(client)
      onward.destroy()
    })
    onward.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}`,
    targets: () => targets,
    cut() {
      const count = open.size
      for (const [client] of open) client.destroy()
      return count
    },
    async [Symbol.asyncDispose]() {
      for (const [client] of open) client.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function pass(from: Socket, to: Socket, line: SlowLine | undefined): void {
  if (line) from.pipe(slowed(line)).pipe(to)
  else from.pipe(to)
}

/** Bytes leave after the delay, and not faster than the line carries them. */
function slowed({ delayMs, bytesPerSecond }: SlowLine): Transform {
  let freeAtMs = 0
  let underWay = 0
  let ended: (() => void) | undefined
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const nowMs = performance.now()
      freeAtMs = Math.max(nowMs, freeAtMs) + (1_000 * chunk.length) / bytesPerSecond
      underWay += 1
      setTimeout(
        () => {
          underWay -= 1
          if (!this.destroyed) this.push(chunk)
          if (underWay === 0) ended?.()
        },
        freeAtMs - nowMs + delayMs,
      )
      setTimeout(done, freeAtMs - nowMs)
    },
    // The end overtakes no byte.
    flush(done) {
      if (underWay === 0) done()
      else ended = done
    },
  })
}
