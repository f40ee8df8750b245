/** Options: what the hub is told on its command line. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { LogLevel } from '@skerry/platform/log'

export type HubOptions = {
  data: string
  host: string
  port: number
  publicUrl: string | undefined
  /** The customer's own certificate: files in PEM. */
  tls: { certificateFile: string; keyFile: string; authorityFile: string } | undefined
  ownerKeyFile: string | undefined
  logLevel: LogLevel
}

export type ParsedOptions =
  | { ok: true; options: HubOptions }
  | { ok: false; code: 'option_invalid'; message: string }
  | { ok: 'help'; text: string }

export const HELP = `Usage: skerry hub [options]

Runs the hub: the API, the device link and the files of the fleet, on one TLS port.

  --data DIR            where everything is kept (default: $SKERRY_HOME/hub, or ~/.skerry/hub)
  --listen HOST:PORT    address to listen on (default: 127.0.0.1:8443)
  --public-url URL      how devices and people reach the hub, such as https://hub.example.com:8443
  --tls-cert FILE       your own server certificate, with its chain (PEM)
  --tls-key FILE        its private key (PEM)
  --tls-ca FILE         the authority that signed it (PEM); devices and clients pin it
  --owner-key-file FILE where the first start writes the owner's API key
  --log-level LEVEL     debug, info, warn, error or silent (default: info)
  --help                this text

Example: skerry hub --data /var/lib/skerry --listen 0.0.0.0:8443 --public-url https://hub.example.com:8443
`

const FLAGS = {
  data: { type: 'string' },
  listen: { type: 'string', default: '127.0.0.1:8443' },
  'public-url': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-ca': { type: 'string' },
  'owner-key-file': { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
  help: { type: 'boolean', default: false },
} as const

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** Reads the command line; every refusal says which option and what it should be. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): ParsedOptions {
  const parsed = readFlags(args)
  if (!parsed.ok) return refuse(parsed.message)
  const { values } = parsed
  if (values.help) return { ok: 'help', text: HELP }
  const address = parseListen(values.listen)
  if (!address) return refuse(`--listen must be HOST:PORT such as 127.0.0.1:8443, not ${quote(values.listen)}`)
  const publicUrl = values['public-url']
  if (publicUrl !== undefined && !isOrigin(publicUrl)) {
    return refuse(`--public-url must be https://HOST:PORT without a path, not ${quote(publicUrl)}`)
  }
  const logLevel = LOG_LEVELS.find((level) => level === values['log-level'])
  if (!logLevel) return refuse(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not ${quote(values['log-level'])}`)
  const [certificateFile, keyFile, authorityFile] = [values['tls-cert'], values['tls-key'], values['tls-ca']]
  const given = [certificateFile, keyFile, authorityFile].filter((file) => file !== undefined)
  if (given.length !== 0 && given.length !== 3) return refuse('--tls-cert, --tls-key and --tls-ca go together')
  const tls = certificateFile && keyFile && authorityFile ? { certificateFile, keyFile, authorityFile } : undefined
  const data = resolve(values.data ?? join(environment.SKERRY_HOME ?? join(homedir(), '.skerry'), 'hub'))
  const ownerKeyFile = values['owner-key-file']
  return {
    ok: true,
    options: { data, ...address, publicUrl: publicUrl && new URL(publicUrl).origin, tls, ownerKeyFile, logLevel },
  }
}

function readFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false })
    return { ok: true as const, values }
  } catch (error) {
    // Node's message is a sentence and names the option; its advice after the first full stop is about JavaScript.
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split(/\.(?: |$)/)
    return { ok: false as const, message: `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}; see --help` }
  }
}

function parseListen(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):([0-9]{1,5})$/.exec(text)
  if (!match) return undefined
  const [, bracketed, plain, port] = match
  const host = bracketed ?? plain
  return host !== undefined && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return (
    url.protocol === 'https:' && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === ''
  )
}

const quote = (text: string) => JSON.stringify(text.slice(0, 100))

const refuse = (message: string): ParsedOptions => ({ ok: false, code: 'option_invalid', message })
