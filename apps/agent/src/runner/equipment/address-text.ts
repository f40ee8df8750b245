/** Address text: the address of the inference server, for clients. */
import type { Address } from '../../options.ts'

/** `host:port`, with the brackets that IPv6 needs. */
export const hostPort = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** The URL for REST clients. */
export const urlOf = (address: Address): string => `http://${hostPort(address)}`
