/**
 * Webhook address: whether the hub may connect to the host of a URL. A person who may deploy can name a URL, and must
 * not reach addresses that only the hub can reach. These are its own machine, its network, and the metadata service of
 * its cloud. Hosts that the operator allows by name are allowed.
 */
import { BlockList, isIP, isIPv6 } from 'node:net'

export type Address = { address: string; family: number }

/** `host` as in a URL, with a port if only that port is allowed. */
export type AllowedHost = { host: string; port?: number }

/** [RFC 6890, IANA special-purpose registries] Everything that is not a public unicast address. */
const REFUSED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Ranges that contain an IPv4 address are rejected completely: no public host is reachable by them only. */
const REFUSED_V6 = [
  '::/96',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]

const refused = { v4: listOf(REFUSED_V4, 'ipv4'), v6: listOf(REFUSED_V6, 'ipv6') }
const loopback = { v4: listOf(['127.0.0.0/8'], 'ipv4'), v6: listOf(['::1/128'], 'ipv6') }

function listOf(ranges: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', prefix] = range.split('/')
    list.addSubnet(network, Number(prefix), family)
  }
  return list
}

const isIn = ({ v4, v6 }: { v4: BlockList; v6: BlockList }, address: string) =>
  isIPv6(address) ? v6.check(address, 'ipv6') : v4.check(address, 'ipv4')

/** Whether the address is a public one. */
export const isPublic = (address: string): boolean => isIP(address) !== 0 && !isIn(refused, address)

/** The host of a URL without the brackets of IPv6. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

const PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'ssh:': 22 }

export const portOf = ({ port, protocol }: URL): number => Number(port) || (PORTS[protocol] ?? 80)

/** Whether the operator allowed the host of the URL, or this port of it. */
export const isAllowed = (url: URL, allowed: readonly AllowedHost[]): boolean =>
  allowed.some(({ host, port }) => host === hostOf(url) && (port === undefined || port === portOf(url)))

/** The reason why the hub does not connect; undefined if it may. */
export function addressProblem(
  url: URL,
  addresses: readonly Address[],
  allowed: readonly AllowedHost[],
): string | undefined {
  const host = hostOf(url)
  const mayConnect = isAllowed(url, allowed)
  if (addresses.length === 0) return `${host} has no address`
  if (url.protocol === 'http:' && !(mayConnect && addresses.every(({ address }) => isIn(loopback, address)))) {
    return 'a webhook needs https; http works only on loopback, and only if --webhook-allow names the webhook'
  }
  if (mayConnect || addresses.every(({ address }) => isPublic(address))) return undefined
  return `${host} is not a public address; start the hub with --webhook-allow ${host} to permit it`
}

/** `host` or `host:port`; undefined if the text is neither. */
export function parseAllowedHost(text: string): AllowedHost | undefined {
  if (!/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/.test(text) || !URL.canParse(`http://${text}`))
    return undefined
  const url = new URL(`http://${text}`)
  const port = /:(\d{1,5})$/.exec(text.replace(/^\[.*\]/, ''))?.[1]
  return { host: hostOf(url), ...(port !== undefined && { port: Number(port) }) }
}
