/**
 * System settings: the settings of a place that change the machine below the agent. A device applies only the kinds that
 * its own command line allows (`--allow-system`).
 */
import * as z from 'zod'
import { InstantMs, Name } from '../values/names.ts'

/** [RFC 1123] One label: a domain comes from the network. Linux takes 64 characters, and DNS 63. */
export const HostName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 of a-z, 0-9 and -, with no - at either end')

/** [IANA, Theory of time zones] Such as `Europe/Berlin` or `UTC`. The device knows which ones exist. */
export const TimeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/, 'must be a name such as Europe/Berlin')

export const TIME_SERVERS_MAX = 8

/** A name or address. It is written to a file of the system, so it has no spaces. */
export const TimeServer = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/, 'must be a host name or an address')

/** [Linux, IFNAMSIZ] */
const Interface = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/, 'must be the name of a network interface')

const V4 = '[0-9]{1,3}(\\.[0-9]{1,3}){3}'
const V6 = '[0-9a-fA-F:]{2,39}'
const Address = z.string().regex(new RegExp(`^(${V4}|${V6})$`), 'must be a numeric address')
const Network = z.string().regex(new RegExp(`^(${V4}/[0-9]{1,2}|${V6}/[0-9]{1,3})$`), 'must be ADDRESS/BITS')

/** A machine with more addresses or routes has its own tool for them. */
const LIST_MAX = 16

const Layer = z
  .strictObject({
    /** auto: DHCP, or the router's advertisements. */
    method: z.enum(['auto', 'manual', 'disabled']).default('auto'),
    addresses: z.array(Network).max(LIST_MAX).default([]),
    gateway: Address.optional(),
    dns: z.array(Address).max(LIST_MAX).default([]),
    routes: z
      .array(z.strictObject({ to: Network, via: Address }))
      .max(LIST_MAX)
      .default([]),
    /** The lower one wins where several connections lead to a place. */
    metric: z.int().min(0).max(10_000).optional(),
  })
  .refine(
    ({ method, addresses }) => (method === 'manual') === addresses.length > 0,
    'manual needs addresses, and only it',
  )
export type NetworkLayer = z.infer<typeof Layer>

const common = {
  name: Name,
  interface: Interface.optional(),
  ipv4: Layer.optional(),
  ipv6: Layer.optional(),
  /** The address of a proxy script (PAC) for the programs of the machine. */
  proxyScript: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional(),
}

export const NetworkConnection = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ethernet'), ...common }),
  z.strictObject({ kind: z.literal('vlan'), ...common, parent: Interface, id: z.int().min(1).max(4_094) }),
  z.strictObject({
    kind: z.literal('wifi'),
    ...common,
    /** [IEEE 802.11] 32 bytes. */
    ssid: z.string().min(1).max(32),
    /** The name of the secret of the hub with the password. Without it, the network is open. */
    secret: Name.optional(),
    /** sae: WPA3. */
    security: z.enum(['wpa-psk', 'sae']).default('wpa-psk'),
  }),
  z.strictObject({
    kind: z.literal('cellular'),
    ...common,
    apn: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[A-Za-z0-9.-]+$/),
  }),
])
export type NetworkConnection = z.infer<typeof NetworkConnection>

export const CONNECTIONS_MAX = 16

/** The hub must answer over the new network within this time, or the device returns to the network before. */
export const NETWORK_CONFIRM_SECONDS = 120

/**
 * applied: the machine has the value. trying: a new network waits for an answer of the hub. returned: the hub did not
 * answer over it, so the network before is back. refused: the command line of the agent does not allow it. failed: the
 * system did not take it.
 */
export const SystemReading = z.object({
  setting: z.enum(['hostName', 'timeZone', 'timeServers', 'network', 'proxy']),
  state: z.enum(['applied', 'trying', 'returned', 'refused', 'failed']),
  problem: z.string().max(300).optional(),
  atMs: InstantMs,
})
export type SystemReading = z.infer<typeof SystemReading>
