/** Free port: an unused port on loopback, for servers that must be given one. */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * [Linux, ip_local_port_range] From 32,768 on the system gives ports to connections; below that it gives none by
 * chance.
 */
const PORTS = [10_000, 32_767] as const

/** Others who look for a port at the same time draw another one: so it is still free when the server starts. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
