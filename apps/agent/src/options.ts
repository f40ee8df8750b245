/** Options: the arguments of the agent's command line. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { AccessKind } from '@skerry/contract/access/access'
import type { InstructionSet } from '@skerry/contract/devices/device'
import type { TrainingWhen } from '@skerry/core/campaigns/training-moment'
import type { LogLevel } from '@skerry/platform/process/log'
import {
  TRAINING_FLAGS,
  TRAINING_HELP,
  type TrainingData,
  trainingDataOf,
  trainingTrouble,
  trainingWhenIn,
} from './campaigns/training-options.ts'
import { PLACE_FLAGS, PLACE_HELP, type PlaceSwitches, placeOf, placeTrouble } from './connections/place-options.ts'
import {
  GATEWAY_FLAGS,
  GATEWAY_HELP,
  type GatewaySwitches,
  gatewayOf,
  gatewayTrouble,
} from './gateway/gateway-options.ts'
import { maskOf, maskTrouble } from './hardware-mask.ts'
import { OS_FLAGS, OS_HELP, type OsOptions, osOptionsOf, osTrouble } from './kinds/os/os-options.ts'
import {
  CLUSTER_FLAGS,
  CLUSTER_HELP,
  type ClusterOptions,
  clusterOf,
  clusterTrouble,
  type PodOptions,
  podOf,
} from './kubernetes/cluster-options.ts'
import { type HistoryImport, IMPORT_FLAGS, IMPORT_HELP, importOf, importTrouble } from './learning/import-options.ts'
import { PAGE_FLAGS, PAGE_HELP, type PageSwitches, pageOf, pageTrouble } from './local-page/page-options.ts'
import { memoryOption, memoryTrouble } from './memory-option.ts'
import { PAIR_FLAGS, PAIR_HELP, pairOf, pairTrouble } from './pair/pair-options.ts'
import { originOf, serveTrouble } from './serve-address.ts'
import { APP_ACCESS_FLAGS, APP_ACCESS_HELP, appAccessOf, appAccessTrouble } from './settings/app-access-options.ts'
import { FACT_FLAGS, FACT_HELP, type FactSwitches, factsAllowed, factTrouble } from './settings/fact-options.ts'
import { PROXY_FLAGS, PROXY_HELP, proxyOf, proxyTrouble } from './settings/proxy-options.ts'
import { CACHE_FLAGS, CACHE_HELP, type CacheSwitches, cacheOf, cacheTrouble } from './site-cache/cache-options.ts'
import { SYSTEM_FLAGS, SYSTEM_HELP, type SystemSwitch, systemOf, systemTrouble } from './system/system-options.ts'

/** The address of a server. Port 0 takes any free one. */
export type Address = { host: string; port: number }

/** `required`: no start without a TPM. `auto`: if there is one. `off`: a sealed key is written to a file again. */
export type TpmMode = 'required' | 'auto' | 'off'

export type AgentOptions = PlaceSwitches & {
  data: string
  /** The text of a join token, for a computer that is not a device yet. */
  joinToken: string | undefined
  /** A file with the token, which is read only while it exists. */
  joinFile: string | undefined
  rest: Address
  grpc: Address
  /** The origin at which gateways reach the REST server; undefined if none does. */
  serveAddress: string | undefined
  /** Undefined if the agent is no gateway of routes. */
  gateway: GatewaySwitches | undefined
  /** Undefined if the agent is no cache of its site. */
  siteCache: CacheSwitches | undefined
  /** Where the other devices of a pair reach this one. Undefined if it takes part in no pair. */
  pairDoor: Address | undefined
  /** The folder of the applications' update locks. */
  locks: string
  /** The folder in which secrets are laid out for applications. No files are laid out if it is undefined. */
  secrets: string | undefined
  /** The wanted name of the device. */
  name: string | undefined
  /** The serial number, if the machine does not provide it. */
  serial: string | undefined
  /** Whether models are encrypted on the disk. Undefined keeps the current form. */
  encryptModels: boolean | undefined
  /** The file with the key that seals the models' own key. Undefined means the device's key. */
  sealKey: string | undefined
  /** Whether the machine's TPM seals the device's key. Undefined keeps the current form. */
  tpm: TpmMode | undefined
  /**
   * The PCRs that must be unchanged since the sealing. Empty means none. Undefined keeps the current ones, or means 7.
   */
  tpmPcrs: readonly number[] | undefined
  /** The kinds of remote access that this device allows. Empty means none. */
  allowRemote: readonly AccessKind[]
  /** The addresses behind this device that remote access may reach, as ADDRESS:PORT. */
  remoteAddresses: readonly string[]
  /** The facts that settings of the hub may read. */
  facts: FactSwitches
  /** The settings of the machine that the hub may change. Empty means none. */
  allowSystem: readonly SystemSwitch[]
  /** The HTTP proxy on the way to the hub; undefined if there is none. */
  proxy: string | undefined
  /** The local page of the device. */
  page: PageSwitches
  /** The Unix socket of the container engine. */
  docker: string
  /** The parts of the device that apps may get. */
  appAccess: readonly string[]
  /** Updates of the operating system. */
  os: OsOptions
  /** Creates a new key for models, and ends. */
  isModelKeyRotated: boolean
  /** Prints the fingerprint of the key, and ends. */
  isKeyShown: boolean
  /** Loads all modules, opens nothing, and ends. */
  isSelfCheck: boolean
  /** Instruction sets that the agent does not report, to try the choice of builds on one machine. */
  hardwareMask: readonly InstructionSet[]
  /** The memory that loaded models may take; a share of the machine's if undefined. */
  modelMemoryBytes: number | undefined
  /** The training data that campaigns may use, and which campaigns may. */
  trainingData: readonly TrainingData[]
  /** When the device trains; at any time if undefined. */
  trainingWhen: TrainingWhen | undefined
  /** The cluster that is the device. Undefined if this computer is the device. */
  cluster: ClusterOptions | undefined
  /** This process is a pod of a cluster, and no device. */
  pod: PodOptions | undefined
  /** Prints the objects that an agent in a cluster needs, and ends. */
  isManifestPrinted: boolean
  historyImport: HistoryImport | undefined
  logLevel: LogLevel
}

export type ParsedOptions =
  | { ok: true; options: AgentOptions }
  | { ok: false; code: 'option_invalid'; message: string }
  | { ok: 'help'; text: string }

const HELP = `Usage: skerry agent [options]

Runs the agent: joins this computer to a hub, and serves the models that the hub wants here, with or without a network.

  --data DIR          where everything is kept, a folder of its own (default: $SKERRY_HOME/agent, or ~/.skerry/agent)
  --join TOKEN        join token, for the first start ("skerry device token create" makes one)
  --join-file FILE    a file with the join token instead, so that it stands in no list of processes; it may be gone later
  --listen HOST:PORT  address of the inference server over REST (default: 127.0.0.1:8500)
  --grpc HOST:PORT    address of the inference server over gRPC (default: 127.0.0.1:8501)
  --serve-address URL where gateways of routes reach --listen, such as http://10.0.0.7:8500 (default: through the hub)
${GATEWAY_HELP}
${CACHE_HELP}
${PAIR_HELP}
  --name NAME         the name that the device would like (default: from its host name)
  --serial TEXT       serial number of the machine (default: what its firmware says)
  --show-key          print the fingerprint of the device's key, which is made where there is none, and end
  --locks DIR         where applications put update locks (default: the folder locks inside --data)
  --secrets DIR       lay the device's secrets out as files in this folder, best one in memory such as /run/skerry
  --encrypt-models W  "on" or "off": how models lie on the disk (default: on with --seal-key, else as they are)
  --seal-key FILE     a key that is kept apart from --data, to encrypt models under (default: the device's own key)
  --tpm W             "required", "auto" (where there is one) or "off": seal the device's key by the TPM (default: as it is)
  --tpm-pcrs LIST     PCRs that must not change for it to open, such as 0,7, or "none" (default: as it is, else 7)
  --hardware-mask L   instruction sets not to report, such as avx512,vnni: for trials of the choice of builds
  --allow-remote L    remote access to allow, such as shell,logs,port,file (default: none; a hub alone cannot open it)
  --remote-address L  addresses behind the device that ports may reach, such as 192.168.7.5:80 (default: none)
${FACT_HELP}
${SYSTEM_HELP}
${OS_HELP}
${PROXY_HELP}
${PAGE_HELP}
  --docker SOCKET     the Unix socket of the container engine that runs apps (default: /var/run/docker.sock)
${APP_ACCESS_HELP}
  --model-memory SIZE memory for loaded models, such as 512MB or 2GB: idle models with min 0 make room (default: 60 %)
${TRAINING_HELP}
${PLACE_HELP}
${IMPORT_HELP}
  --kubernetes        run models as Deployments of a Kubernetes cluster, and not on this computer
  --rotate-model-key  make a new key for models, to which they move at the next start, and end
  --self-check        load all parts of this version, start nothing, and end
  --log-level LEVEL   debug, info, warn, error or silent (default: info)
  --help              this text
${CLUSTER_HELP}
Example: skerry agent --data /var/lib/skerry --join-file /etc/skerry/join-token
`

const FLAGS = {
  data: { type: 'string' },
  join: { type: 'string' },
  'join-file': { type: 'string' },
  listen: { type: 'string', default: '127.0.0.1:8500' },
  grpc: { type: 'string', default: '127.0.0.1:8501' },
  'serve-address': { type: 'string' },
  ...GATEWAY_FLAGS,
  ...CACHE_FLAGS,
  ...PAIR_FLAGS,
  name: { type: 'string' },
  serial: { type: 'string' },
  'show-key': { type: 'boolean', default: false },
  locks: { type: 'string' },
  secrets: { type: 'string' },
  'encrypt-models': { type: 'string' },
  'seal-key': { type: 'string' },
  tpm: { type: 'string' },
  'tpm-pcrs': { type: 'string' },
  'rotate-model-key': { type: 'boolean', default: false },
  'self-check': { type: 'boolean', default: false },
  'hardware-mask': { type: 'string' },
  'allow-remote': { type: 'string' },
  'remote-address': { type: 'string' },
  docker: { type: 'string', default: '/var/run/docker.sock' },
  'model-memory': { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
  ...CLUSTER_FLAGS,
  ...PLACE_FLAGS,
  ...FACT_FLAGS,
  ...SYSTEM_FLAGS,
  ...OS_FLAGS,
  ...PROXY_FLAGS,
  ...APP_ACCESS_FLAGS,
  ...PAGE_FLAGS,
  ...IMPORT_FLAGS,
  ...TRAINING_FLAGS,
  help: { type: 'boolean', default: false },
} as const

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** [RFC 1123] The same as the contract's Name, which is not imported here: the launcher must stay light. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** The same as the contract's SerialNumber. */
const SERIAL = /^[!-~]([ -~]{0,62}[!-~])?$/

/** Parses the command line. Every rejection names the option and its valid values. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): ParsedOptions {
  const parsed = readFlags(args)
  if (!parsed.ok) return refuse(parsed.message)
  const { values } = parsed
  if (values.help) return { ok: 'help', text: HELP }
  const rest = parseAddress(values.listen)
  if (!rest) return refuse(`--listen must be HOST:PORT such as 127.0.0.1:8500, not ${quote(values.listen)}`)
  const grpc = parseAddress(values.grpc)
  if (!grpc) return refuse(`--grpc must be HOST:PORT such as 127.0.0.1:8501, not ${quote(values.grpc)}`)
  const trouble =
    serveTrouble(values) ??
    gatewayTrouble(values, parseAddress) ??
    cacheTrouble(values, parseAddress) ??
    pairTrouble(values, parseAddress) ??
    identityTrouble(values) ??
    tpmTrouble(values) ??
    maskTrouble(values) ??
    remoteTrouble(values) ??
    factTrouble(values) ??
    systemTrouble(values) ??
    osTrouble(values) ??
    proxyTrouble(values) ??
    appAccessTrouble(values) ??
    pageTrouble(values, parseAddress) ??
    clusterTrouble(values, parseAddress) ??
    memoryTrouble(values) ??
    placeTrouble(values) ??
    trainingTrouble(values) ??
    importTrouble(values)
  if (trouble !== undefined) return refuse(trouble)
  const encrypt = values['encrypt-models']
  if (encrypt !== undefined && encrypt !== 'on' && encrypt !== 'off') {
    return refuse(`--encrypt-models must be on or off, not ${quote(encrypt)}`)
  }
  const logLevel = LOG_LEVELS.find((level) => level === values['log-level'])
  if (!logLevel) return refuse(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not ${quote(values['log-level'])}`)
  const data = resolve(values.data ?? join(environment.SKERRY_HOME ?? join(homedir(), '.skerry'), 'agent'))
  const locks = resolve(values.locks ?? join(data, 'locks'))
  const secrets = values.secrets === undefined ? undefined : resolve(values.secrets)
  return {
    ok: true,
    options: {
      data,
      rest,
      grpc,
      serveAddress: originOf(values['serve-address']),
      gateway: gatewayOf(values, parseAddress),
      siteCache: cacheOf(values, parseAddress),
      pairDoor: pairOf(values, parseAddress),
      locks,
      secrets,
      logLevel,
      ...identityOf(values),
      ...sealingOf(values),
      ...tpmOf(values),
      isSelfCheck: values['self-check'],
      hardwareMask: maskOf(values),
      ...remoteOf(values),
      facts: factsAllowed(values),
      allowSystem: systemOf(values),
      proxy: proxyOf(values),
      page: pageOf(values, parseAddress),
      modelMemoryBytes: memoryOption(values),
      trainingData: trainingDataOf(values),
      trainingWhen: trainingWhenIn(values),
      ...placeOf(values),
      docker: resolve(values.docker),
      appAccess: appAccessOf(values),
      os: osOptionsOf(values),
      cluster: clusterOf(values, parseAddress),
      pod: podOf(values),
      isManifestPrinted: values['print-manifest'],
      historyImport: importOf(values),
    },
  }
}

type Flags = Extract<ReturnType<typeof readFlags>, { ok: true }>['values']

function identityTrouble({ name, serial, join: token, 'join-file': file }: Flags): string | undefined {
  if (name !== undefined && !NAME.test(name)) return `--name must be 1 to 63 of a-z, 0-9 and -, not ${quote(name)}`
  if (serial !== undefined && !SERIAL.test(serial)) {
    return `--serial must be 1 to 64 printable characters of ASCII, not ${quote(serial)}`
  }
  if (token !== undefined && file !== undefined) {
    return '--join and --join-file are two ways to give one token; leave one out'
  }
  return undefined
}

const identityOf = ({ join: joinToken, 'join-file': file, name, serial, 'show-key': isKeyShown }: Flags) => ({
  joinToken,
  joinFile: file === undefined ? undefined : resolve(file),
  name,
  serial,
  isKeyShown,
})

const sealingOf = (values: Flags) => ({
  encryptModels: values['encrypt-models'] === undefined ? undefined : values['encrypt-models'] === 'on',
  sealKey: values['seal-key'] === undefined ? undefined : resolve(values['seal-key']),
  isModelKeyRotated: values['rotate-model-key'],
})

const TPM_MODES: readonly TpmMode[] = ['required', 'auto', 'off']

/** [TCG PC Client Platform TPM Profile] There are 24. */
const PCRS = /^(none|(1?[0-9]|2[0-3])(,(1?[0-9]|2[0-3]))*)$/

function tpmTrouble({ tpm, 'tpm-pcrs': pcrs }: Flags): string | undefined {
  if (tpm !== undefined && !TPM_MODES.some((mode) => mode === tpm)) {
    return `--tpm must be required, auto or off, not ${quote(tpm)}`
  }
  if (pcrs !== undefined && !PCRS.test(pcrs)) {
    return `--tpm-pcrs must be numbers from 0 to 23 such as 0,7, or none, not ${quote(pcrs)}`
  }
  return undefined
}

const tpmOf = ({ tpm, 'tpm-pcrs': pcrs }: Flags) => ({
  tpm: TPM_MODES.find((mode) => mode === tpm),
  tpmPcrs: pcrs === undefined ? undefined : pcrsOf(pcrs),
})

const pcrsOf = (list: string) =>
  list === 'none' ? [] : [...new Set(list.split(',').map(Number))].toSorted((a, b) => a - b)

/** The same as the contract's AccessKind, which is not imported here: the launcher must stay light. */
const ACCESS_KINDS: readonly AccessKind[] = ['shell', 'logs', 'port', 'file']

/** The same as the contract's AccessTarget. */
const TARGET = /^(udp:)?(\[[0-9a-fA-F:.]+\]|[0-9]{1,3}(\.[0-9]{1,3}){3}):[0-9]{1,5}$/

const wordsIn = (list: string | undefined) => (list === undefined || list === 'none' ? [] : list.split(','))

function remoteTrouble({ 'allow-remote': allowed, 'remote-address': addresses }: Flags): string | undefined {
  const unknown = wordsIn(allowed).find((word) => !ACCESS_KINDS.some((kind) => kind === word))
  if (unknown !== undefined) {
    return `--allow-remote must be a list of ${ACCESS_KINDS.join(', ')}, or none, not ${quote(unknown)}`
  }
  const wrong = wordsIn(addresses).find((word) => !TARGET.test(word))
  if (wrong === undefined) return undefined
  return `--remote-address must be a list of numeric ADDRESS:PORT or udp:ADDRESS:PORT such as 192.168.7.5:80, not ${quote(wrong)}`
}

const remoteOf = ({ 'allow-remote': allowed, 'remote-address': addresses }: Flags) => ({
  allowRemote: ACCESS_KINDS.filter((kind) => wordsIn(allowed).includes(kind)),
  remoteAddresses: wordsIn(addresses),
})

function readFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false })
    return { ok: true as const, values }
  } catch (error) {
    // Node's message is a sentence and names the option. Its advice after the first full stop is about JavaScript.
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
