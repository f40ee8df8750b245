/**
 * Pairs: two devices of a site that stand in for each other, and a third one that votes. One of the two is active: it
 * reads and writes equipment, and has the virtual address.
 */
import * as z from 'zod'
import { DeviceId, PairId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

/** A site has a few. They bound the cost of a look at all of them. */
export const PAIRS_MAX = 500

/** Where the other devices of a site reach a device for votes, such as `10.0.0.11:8700`. */
export const PairDoor = z
  .string()
  .max(300)
  .regex(/^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):[1-9][0-9]{0,4}$/, {
    error: 'must be HOST:PORT, such as 10.0.0.11:8700',
  })

/** The host of a door, without the brackets of IPv6. */
export const hostOf = (door: string): string => door.slice(0, door.lastIndexOf(':')).replace(/^\[(.*)\]$/, '$1')

const BYTE = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])'

/** IPv4 with the length of its network. [RFC 4632 3.1] */
export const VirtualAddress = z
  .string()
  .regex(new RegExp(`^${BYTE}(\\.${BYTE}){3}/(3[0-2]|[12][0-9]|[89])$`), {
    error: 'must be an IPv4 address with the length of its network from 8 to 32, such as 10.0.0.50/24',
  })
  .refine(isOfOneHost, {
    error: 'must be the address of one host: no loopback, link-local, multicast, network or broadcast address',
  })

/** [RFC 6890] Addresses of no network, of the own machine and of the own link; from 224 on multicast and reserved. */
function isOfOneHost(address: string): boolean {
  const [host = '', length] = address.split('/')
  const [first = 0, second = 0, third = 0, fourth = 0] = host.split('.').map(Number)
  if (first === 0 || first === 127 || first >= 224 || (first === 169 && second === 254)) return false
  const hostBits = 32 - Number(length)
  // [RFC 3021] Networks of one or two addresses have no address for all of their hosts.
  if (hostBits < 2) return true
  const inNetwork = (((first * 256 + second) * 256 + third) * 256 + fourth) % 2 ** hostBits
  return inNetwork > 0 && inNetwork < 2 ** hostBits - 1
}

/** [Linux, dev_valid_name] 15 characters. It never begins with a dash, because it is an argument of a program. */
export const InterfaceName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/, { error: 'must be the name of a network interface, such as eth0' })

export const PairSpec = z.strictObject({
  /** The first one is preferred when both start. */
  members: z.tuple([Name, Name]),
  witness: Name,
  address: VirtualAddress,
  interface: InterfaceName,
})
export type PairSpec = z.infer<typeof PairSpec>

/** The part of a device in a pair, as it reports it. */
export const PairRole = z.enum(['active', 'passive', 'witness'])
export type PairRole = z.infer<typeof PairRole>

/** start: nobody held the lease. lost: the other one fell silent. switched: the other one gave it away. */
export const TakeReason = z.enum(['start', 'lost', 'switched'])
export type TakeReason = z.infer<typeof TakeReason>

/** The state of a pair, from the reports of its devices. */
export const PairState = z.enum([
  /** One is active, and the other can take over. */
  'protected',
  /** One is active, and a failure of it would stop the site. */
  'unprotected',
  /** No report names an active one. */
  'none-active',
  /** The devices have not reported yet. */
  'unknown',
])
export type PairState = z.infer<typeof PairState>

/** One device of a pair, with its own report. */
export const PairDevice = z.strictObject({
  device: Name,
  deviceId: DeviceId,
  site: Name,
  isConnected: z.boolean(),
  /** Absent until it has reported. */
  role: PairRole.optional(),
  epoch: z.int().min(0).optional(),
  sinceMs: InstantMs.optional(),
  /** The devices of the pair that it cannot reach. */
  unreached: z.array(Name).max(2).optional(),
  problem: z.string().max(500).optional(),
})
export type PairDevice = z.infer<typeof PairDevice>

export const Pair = z.strictObject({
  id: PairId,
  name: Name,
  spec: PairSpec,
  state: PairState,
  /** Its weaknesses, for a person. Empty if it is protected. */
  problems: z.array(z.string().max(500)).max(8),
  /** The device that reports to be active. */
  active: z.strictObject({ device: Name, epoch: z.int().min(1), sinceMs: InstantMs, reason: TakeReason }).optional(),
  devices: z.tuple([PairDevice, PairDevice, PairDevice]),
  /** A planned switch that the pair has not carried out. */
  switchTo: Name.optional(),
  createdAtMs: InstantMs,
  createdBy: z.string().max(63),
})
export type Pair = z.infer<typeof Pair>
