/** Listening on a TCP port, for both doors of the Open Inference Protocol. */
import type { AddressInfo, Server } from 'node:net'

/** Past any number of local clients; each idle connection costs about 10 kB. */
export const CONNECTIONS_MAX = 1_024

/** Resolves with the port once the server listens, or rejects with the system's error. */
export function listen(server: Server, port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // An IPv6 address may come in the brackets that URLs put around it.
    server.listen(port, address.replace(/^\[(.*)\]$/, '$1'), () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
