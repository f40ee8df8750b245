/** Address text: where clients find the inference server. */
import type { Address } from '../../options.ts'

/** `host:port`, with the brackets that IPv6 needs. */
export const hostPort = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Where REST clients go. */
export const urlOf = (address: Address): string => `http://${hostPort(address)}`
