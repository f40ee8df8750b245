/** Options: what the agent is told on its command line. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { LogLevel } from '@skerry/platform/log'

/** Where a server listens. Port 0 takes any free one. */
export type Address = { host: string; port: number }

export type AgentOptions = {
  data: string
  /** The text of a join token, for a computer that is no device yet. */
  joinToken: string | undefined
  rest: Address
  grpc: Address
  /** The name that the device would like. */
  name: string | undefined
  logLevel: LogLevel
}

export type ParsedOptions =
  | { ok: true; options: AgentOptions }
  | { ok: false; code: 'option_invalid'; message: string }
  | { ok: 'help'; text: string }

const HELP = `Usage: skerry agent [options]

Runs the agent: joins this computer to a hub, and serves the models that the hub wants here, with or without a network.

  --data DIR          where everything is kept (default: $SKERRY_HOME/agent, or ~/.skerry/agent)
  --join TOKEN        join token, for the first start ("skerry device token create" makes one)
  --listen HOST:PORT  address of the inference server over REST (default: 127.0.0.1:8500)
  --grpc HOST:PORT    address of the inference server over gRPC (default: 127.0.0.1:8501)
  --name NAME         the name that the device would like (default: from its host name)
  --log-level LEVEL   debug, info, warn, error or silent (default: info)
  --help              this text

Example: skerry agent --data /var/lib/skerry --join skj_eyJ2IjoxLCJo...
`

const FLAGS = {
  data: { type: 'string' },
  join: { type: 'string' },
  listen: { type: 'string', default: '127.0.0.1:8500' },
  grpc: { type: 'string', default: '127.0.0.1:8501' },
  name: { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
  help: { type: 'boolean', default: false },
} as const

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** [RFC 1123] As the contract's Name, which is not imported here: the launcher must stay light. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** Reads the command line; every refusal says which option and what it should be. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): ParsedOptions {
  const parsed = readFlags(args)
  if (!parsed.ok) return refuse(parsed.message)
  const { values } = parsed
  if (values.help) return { ok: 'help', text: HELP }
  const rest = parseAddress(values.listen)
  if (!rest) return refuse(`--listen must be HOST:PORT such as 127.0.0.1:8500, not ${quote(values.listen)}`)
  const grpc = parseAddress(values.grpc)
  if (!grpc) return refuse(`--grpc must be HOST:PORT such as 127.0.0.1:8501, not ${quote(values.grpc)}`)
  if (values.name !== undefined && !NAME.test(values.name)) {
    return refuse(`--name must be 1 to 63 of a-z, 0-9 and -, not ${quote(values.name)}`)
  }
  const logLevel = LOG_LEVELS.find((level) => level === values['log-level'])
  if (!logLevel) return refuse(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not ${quote(values['log-level'])}`)
  const data = resolve(values.data ?? join(environment.SKERRY_HOME ?? join(homedir(), '.skerry'), 'agent'))
  return { ok: true, options: { data, joinToken: values.join, rest, grpc, name: values.name, logLevel } }
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

function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):([0-9]{1,5})$/.exec(text)
  if (!match) return undefined
  const [, bracketed, plain, port] = match
  const host = bracketed ?? plain
  return host !== undefined && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined
}

const quote = (text: string) => JSON.stringify(text.slice(0, 100))

const refuse = (message: string): ParsedOptions => ({ ok: false, code: 'option_invalid', message })
