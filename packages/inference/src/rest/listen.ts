/** Listening on a TCP port, for both doors of the Open Inference Protocol. */
import { type AddressInfo, createServer, type Server } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { GuardLimits } from '@skerry/platform/network/connection-guard'

/**
 * Bounds of one port. 1,024 connections are more than any number of local clients, and an idle one costs about 10 kB.
 * One address may have half of them. A reverse proxy in front keeps some dozens open, and one connection for each
 * waiting request; queues hold more than that.
 */
export const PORT_LIMITS: GuardLimits = {
  connectionsMax: 1_024,
  eachAddressMax: 512,
  // A client connects because it has a request, and its headers fit one packet.
  firstRequestMs: 5_000,
  // Longer than a wireless network is away when a client moves to the next cell.
  stallMs: 10_000,
  // 64 MiB within it is 9 Mbit/s, below any network between a machine and its gateway.
  transferMs: 60_000,
  // Longer than the 60 s after which proxies and clients drop idle connections, so that they close first. Others take
  // its place when it is full.
  idleMs: 75_000,
}

/** Monotonic, so that no connection ends when the device's clock is set. */
export const portClock = { nowMs: () => performance.now() }

/**
 * The use of a port. `alone`: no other process may have it. `offered`: the same, until a successor joins. `joined`: the
 * successor, which listens beside the process that offered the port. So no connection is refused between the two.
 */
export type PortUse = 'alone' | 'offered' | 'joined'

/** Resolves with the port once the server listens, or rejects with the system's error. */
export async function listen(server: Server, port: number, address: string, use: PortUse = 'alone'): Promise<number> {
  // An IPv6 address may come in the brackets that URLs put around it.
  const place = { port, host: address.replace(/^\[(.*)\]$/, '$1') }
  // [socket(7)] SO_REUSEPORT would share the port with any process of this user that sets it too.
  if (use === 'offered' && port !== 0) await probe(place)
  return listenAt(server, { ...place, reusePort: use !== 'alone' })
}

type Place = { port: number; host: string; reusePort?: boolean }

/** Rejects if any process listens there. */
async function probe(place: Place): Promise<void> {
  const server = createServer()
  await listenAt(server, place)
  await new Promise((resolve) => server.close(resolve))
}

function listenAt(server: Server, place: Place): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(place, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** In milliseconds: a turn of the event loop that only asks for events takes some hundredths of it. */
const SHORT_TURN_MS = 0.15

/** In milliseconds. A port under constant load has no quiet turn. The successor serves already, so nobody waits. */
const QUIET_WAIT_MS = 1_000

/**
 * Resolves in a moment in which hardly any connection waits to be accepted. Close the server in the same turn. [tcp(7)]
 * A listening socket that closes resets the connections in its queue, and its queue fills while other work runs: so the
 * last turn must accept none, and be short. Measured with four callers without a pause on two busy cores: 0.1 resets a
 * hand-over, and 0.65 without it.
 */
export async function quietTurn(server: Server): Promise<void> {
  let accepted = 0
  const count = () => {
    accepted += 1
  }
  server.on('connection', count)
  const endMs = performance.now() + QUIET_WAIT_MS
  // The rest of this turn says nothing about its beginning.
  await setImmediate()
  let isQuiet = false
  while (!isQuiet && performance.now() < endMs) {
    const before = { accepted, ms: performance.now() }
    await setImmediate()
    isQuiet = accepted === before.accepted && performance.now() - before.ms < SHORT_TURN_MS
  }
  server.off('connection', count)
}
