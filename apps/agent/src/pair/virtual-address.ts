/**
 * Virtual address: the active device has it on its network interface. The kernel removes it by itself when it is not
 * renewed, so that a device whose agent was killed does not keep it. Neighbours learn the new place by gratuitous ARP.
 */
import { createSocket } from 'node:dgram'
import type { Log } from '@skerry/platform/process/log'
import * as z from 'zod'
import type { RunProgram } from '../system/run-program.ts'

/** `doors`: the hosts at which the devices of the pair are reached for votes. */
export type AddressPlace = { address: string; interface: string; doors: readonly string[] }

export type VirtualAddress = {
  /** Throws if the address belongs to a device itself. Then neither `hold` nor `drop` may run. */
  requireFree(): Promise<void>
  /** Adds the address, or renews it for some seconds. Throws the reason of the system. */
  hold(): Promise<void>
  /** Tells the neighbours where the address is now. It never throws. */
  announce(): Promise<void>
  /** Removes it, if it is there. Throws the reason of the system. */
  drop(): Promise<void>
}

/** The kernel counts in seconds, and may be a second late. It is renewed each half second. */
const LIFE_SECONDS = 2

/** An address with more time left was set by a person or by DHCP. The kernel states no end as 4294967295. */
const OWN_LIFE_SECONDS_MAX = 10

const PROGRAM_MS = 2_000

/** [ip-address(8), arping(8)] Both need the capability NET_ADMIN or NET_RAW of the agent's service. */
export function openVirtualAddress(place: AddressPlace, { run, log }: { run: RunProgram; log: Log }): VirtualAddress {
  const { address, interface: device, doors } = place
  const host = address.split('/')[0] ?? address
  const timed = { timeoutMs: PROGRAM_MS }
  let hasArping = true
  return {
    async requireFree() {
      if (doors.includes(host)) throw new Error(`${host} is the own address of a device of the pair`)
      const owner = permanentOwner(host, await run('ip', ['-json', 'address', 'show'], timed))
      if (owner !== undefined) throw new Error(`${host} is an own address of this device on ${owner}`)
    },
    async hold() {
      const life = ['valid_lft', String(LIFE_SECONDS), 'preferred_lft', String(LIFE_SECONDS)]
      await run('ip', ['address', 'replace', address, 'dev', device, ...life], timed)
    },
    async announce() {
      if (hasArping) {
        try {
          await run('arping', ['-U', '-c', '1', '-w', '1', '-I', device, host], timed)
          return
        } catch (error) {
          hasArping = !String(error).includes('not installed')
          log.debug('pair_arping_failed', { error })
        }
      }
      await nudgeNeighbours(host).catch((error: unknown) => log.debug('pair_nudge_failed', { error }))
    },
    async drop() {
      try {
        await run('ip', ['address', 'del', address, 'dev', device], timed)
      } catch (error) {
        // [ip-address(8)] The address is not there, in the words of older and newer versions.
        if (!/Cannot assign requested address|Address not found/.test(String(error))) throw error
      }
    },
  }
}

const ShownInterfaces = z.array(
  z.object({
    ifname: z.string().default('an interface'),
    addr_info: z
      .array(z.object({ local: z.string().optional(), valid_life_time: z.union([z.number(), z.string()]).optional() }))
      .default([]),
  }),
)

/** The interface that has the address for longer than an agent sets it. [ip-address(8)] `-json`, since iproute2 4.14. */
function permanentOwner(host: string, shown: string): string | undefined {
  const isLong = (life: number | string = 'forever') => !(Number(life) <= OWN_LIFE_SECONDS_MAX)
  const interfaces = ShownInterfaces.parse(JSON.parse(shown))
  return interfaces.find(({ addr_info: addresses }) =>
    addresses.some(({ local, valid_life_time: life }) => local === host && isLong(life)),
  )?.ifname
}

/** [RFC 863] Discard: nobody answers. */
const DISCARD_PORT = 9

/**
 * [RFC 826] Each host that knows the address takes the new hardware address out of any ARP request for another host.
 * The kernel sends such a request, with the virtual address as its sender, before it sends a datagram to an address of
 * the network that it does not know.
 */
async function nudgeNeighbours(host: string): Promise<void> {
  const socket = createSocket('udp4')
  try {
    const bound = Promise.withResolvers<void>()
    socket.once('error', bound.reject)
    socket.bind({ address: host }, () => bound.resolve())
    await bound.promise
    socket.on('error', () => undefined)
    for (const target of nearTargets(host)) {
      await new Promise((resolve) => socket.send('', DISCARD_PORT, target, resolve))
    }
  } finally {
    socket.close()
  }
}

/** Addresses beside the own one, other ones at each call: a known neighbour causes no request. */
function nearTargets(host: string): string[] {
  const parts = host.split('.')
  const last = Number(parts[3])
  const start = Math.floor(performance.now() / 1_000)
  return [1, 2, 3, 4].map((step) => [...parts.slice(0, 3), ((last + start * 4 + step) % 253) + 1].join('.'))
}
