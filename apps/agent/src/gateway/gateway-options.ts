/** Gateway options: the arguments of the command line that make the agent a gateway of routes. */
import { resolve } from 'node:path'
import type { Address } from '../options.ts'

export type GatewaySwitches = {
  listen: Address
  grpc: Address | undefined
  keyFile: string
  tls: { certificateFile: string; keyFile: string } | undefined
  /** Where callers reach it, for people. */
  url: string | undefined
}

export const GATEWAY_FLAGS = {
  gateway: { type: 'string' },
  'gateway-grpc': { type: 'string' },
  'gateway-key-file': { type: 'string' },
  'gateway-tls-cert': { type: 'string' },
  'gateway-tls-key': { type: 'string' },
  'gateway-plain': { type: 'boolean', default: false },
  'gateway-url': { type: 'string' },
} as const

export const GATEWAY_HELP = `  --gateway HOST:PORT answer requests to routes here: with the models of this device first, then with other devices
  --gateway-grpc H:P  the same over gRPC
  --gateway-key-file F the API key of the gateway, whose role has the permission route.serve; read again when it changes
  --gateway-tls-cert F its server certificate, with the chain (PEM)
  --gateway-tls-key F the private key of the certificate (PEM)
  --gateway-plain     listen without TLS although others can reach the address, behind a proxy that has it
  --gateway-url URL   where callers reach it, for people`

type Flags = {
  gateway?: string | undefined
  'gateway-grpc'?: string | undefined
  'gateway-key-file'?: string | undefined
  'gateway-tls-cert'?: string | undefined
  'gateway-tls-key'?: string | undefined
  'gateway-plain': boolean
  'gateway-url'?: string | undefined
}
type Parse = (text: string) => Address | undefined

const ADDRESSES = ['gateway', 'gateway-grpc'] as const

/** The mistake in the arguments; undefined if there is none. */
export function gatewayTrouble(flags: Flags, parse: Parse): string | undefined {
  const { gateway, 'gateway-key-file': keyFile, 'gateway-url': url } = flags
  const wrong = ADDRESSES.find((name) => flags[name] !== undefined && !parse(flags[name]))
  if (wrong) return `--${wrong} must be HOST:PORT such as 127.0.0.1:8600, not ${quote(flags[wrong])}`
  if (url !== undefined && !URL.canParse(url)) return `--gateway-url must be a URL, not ${quote(url)}`
  if (gateway === undefined) return strayTrouble(flags)
  if (keyFile === undefined) {
    return '--gateway needs --gateway-key-file: "skerry key create gateway --role gateway" makes a key, whose role needs route.serve'
  }
  const hasCertificate = flags['gateway-tls-cert'] !== undefined
  if (hasCertificate !== (flags['gateway-tls-key'] !== undefined)) {
    return '--gateway-tls-cert and --gateway-tls-key go together'
  }
  const open = ADDRESSES.map((name) => parse(flags[name] ?? '')).find((address) => address && !isLoopback(address))
  if (!open || hasCertificate || flags['gateway-plain']) return undefined
  return `--gateway: the address ${open.host} is open to others, and their keys would travel unencrypted; give --gateway-tls-cert and --gateway-tls-key, or --gateway-plain behind a proxy with TLS`
}

/** Without `--gateway`, the other arguments would do nothing, and nobody would notice. */
function strayTrouble({ gateway: _, 'gateway-plain': isPlain, ...flags }: Flags): string | undefined {
  const names = Object.entries(flags).filter(([name, value]) => name.startsWith('gateway-') && value !== undefined)
  const stray = names[0]?.[0] ?? (isPlain ? 'gateway-plain' : undefined)
  return stray === undefined ? undefined : `--${stray} needs --gateway`
}

/** Undefined if the agent is no gateway. The arguments have no trouble. */
export function gatewayOf(flags: Flags, parse: Parse): GatewaySwitches | undefined {
  const { gateway = '', 'gateway-key-file': keyFile, 'gateway-tls-cert': certificate, 'gateway-tls-key': key } = flags
  const listen = parse(gateway)
  if (!listen || keyFile === undefined) return undefined
  const tls =
    certificate !== undefined && key !== undefined
      ? { certificateFile: resolve(certificate), keyFile: resolve(key) }
      : undefined
  const grpc = parse(flags['gateway-grpc'] ?? '')
  return { listen, grpc, keyFile: resolve(keyFile), tls, url: flags['gateway-url'] }
}

const isLoopback = ({ host }: Address) => host === 'localhost' || host === '::1' || /^127\./.test(host)

const quote = (text = '') => JSON.stringify(text.slice(0, 100))
