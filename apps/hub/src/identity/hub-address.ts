/** Hub address: by which names and addresses a hub is reached, as far as it knows. */
import { hostname, networkInterfaces } from 'node:os'
import type { ServerNames } from './identity.ts'

/** A wildcard is no address to call; on this machine, localhost is. */
export const urlOf = (host: string, port: number) =>
  originOf({ host: WILDCARDS.includes(host) ? 'localhost' : host, port })

export const originOf = ({ host, port }: { host: string; port: number }) =>
  `https://${host.includes(':') ? `[${host}]` : host}:${port}`

/** Where other machines find one that listens on all its addresses: at the first that is not its own only, IPv4 where there is one. */
export function reachableHost(host: string): string {
  if (!WILDCARDS.includes(host)) return host
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const outer = addresses.filter(({ internal, scopeid }) => !internal && !scopeid)
  return (outer.find(({ family }) => family === 'IPv4') ?? outer[0])?.address ?? hostname()
}

const WILDCARDS = ['0.0.0.0', '::']

/** Everything that the hub may be reached by, as far as it knows. */
export function serverNames({ host, publicUrl }: { host: string; publicUrl?: string | undefined }): ServerNames {
  const publicName = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')]
  const own = WILDCARDS.includes(host) ? [] : [host]
  const others = new Set(['127.0.0.1', '::1', hostname(), ...own, ...publicName])
  others.delete('localhost')
  return ['localhost', ...others]
}
