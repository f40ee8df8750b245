/** Listening on a TCP port, for both doors of the Open Inference Protocol. */
import type { AddressInfo, Server } from 'node:net'
import type { GuardLimits } from '@skerry/platform/network/connection-guard'

/**
 * Bounds of one port. 1,024 connections are past any number of local clients, and an idle one costs about 10 kB. One address may have half of
 * them: a reverse proxy in front keeps some dozens open, and one connection for each request that waits, which is fewer than queues hold.
 */
export const PORT_LIMITS: GuardLimits = {
  connectionsMax: 1_024,
  eachAddressMax: 512,
  // A client connects because it has something to ask, and its headers fit one packet.
  firstRequestMs: 5_000,
  // Longer than a wireless network is away when a client moves to the next cell.
  stallMs: 10_000,
  // 64 MiB within it is 9 Mbit/s, below any network between a machine and its gateway.
  transferMs: 60_000,
  // Longer than the 60 s after which proxies and clients drop idle connections, so that they close first. Others take its place when it is full.
  idleMs: 75_000,
}

/** Monotonic, because nobody should lose a connection when the device's clock is set. */
export const portClock = { nowMs: () => performance.now() }

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
