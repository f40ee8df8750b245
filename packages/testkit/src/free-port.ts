/** Free port: one on loopback that nobody listens at, for servers that must be told theirs. */
import { createServer } from 'node:net'

/** Another may take it before it is used: rare, and then the server says so. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}
