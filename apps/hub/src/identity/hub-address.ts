/** Hub address: the names and addresses at which a hub can be reached, as far as the hub knows. */
import { hostname, networkInterfaces } from 'node:os'
import type { ServerNames } from './identity.ts'

/** Clients cannot call a wildcard address; on this machine they can use localhost. */
export const urlOf = (host: string, port: number) =>
  originOf({ host: WILDCARDS.includes(host) ? 'localhost' : host, port })

/** The address of a further port. Devices and container tools use the name of the public address, if the port listens on all addresses. */
export const secondUrlOf = (host: string, port: number, publicUrl: string) =>
  WILDCARDS.includes(host) ? `https://${new URL(publicUrl).hostname}:${port}` : urlOf(host, port)

export const originOf = ({ host, port }: { host: string; port: number }) =>
  `https://${host.includes(':') ? `[${host}]` : host}:${port}`

/**
 * The address at which other machines reach a hub that listens on all addresses: the first one that is not local. IPv4
 * is preferred.
 */
export function reachableHost(host: string): string {
  if (!WILDCARDS.includes(host)) return host
  return outerAddresses()[0] ?? hostname()
}

/** The addresses of this computer in its networks, IPv4 first. */
export function outerAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  const outer = addresses.filter(({ internal, scopeid }) => !internal && !scopeid)
  const ofFamily = (wanted: string) => outer.filter(({ family }) => family === wanted).map(({ address }) => address)
  return [...ofFamily('IPv4'), ...ofFamily('IPv6')]
}

const WILDCARDS = ['0.0.0.0', '::']

/** All names and addresses of the hub that it knows. */
export function serverNames({ host, publicUrl }: { host: string; publicUrl?: string | undefined }): ServerNames {
  const publicName = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')]
  const own = WILDCARDS.includes(host) ? [] : [host]
  const others = new Set(['127.0.0.1', '::1', hostname(), ...own, ...publicName])
  others.delete('localhost')
  return ['localhost', ...others]
}
