/** Options: the flags of the hub's command line. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { LogLevel } from '@skerry/platform/process/log'
import { type FileOptions, fileOptions, isNumberOfDays } from './blobs/file-options.ts'
import { parseS3Location, type S3Location } from './blobs/s3-location.ts'
import type { MailOptions } from './people/mail.ts'
import { type AllowedHost, parseAllowedHost } from './webhooks/webhook-address.ts'

export type HubOptions = FileOptions & {
  data: string
  /** The folder of the authority's key and the signing key. */
  secrets: string
  /** Create the keys in that folder, and do not start a hub. */
  isMakingSecrets: boolean
  /** Try the upgrade of the database on a copy, and do not start a hub. */
  isUpgradeChecked: boolean
  /** PostgreSQL; undefined means SQLite in the data folder. */
  databaseUrl: string | undefined
  /**
   * The source of the encryption keys: a file, a program or the environment. Undefined means a file in `secrets`, which
   * the hub creates.
   */
  encryptionKeys: { file: string } | { command: string } | { environment: string } | undefined
  host: string
  port: number
  publicUrl: string | undefined
  /** The address at which other hubs of the database reach this one. */
  peerAddress: { host: string; port: number } | undefined
  /** The port for devices without an agent, and the time between their polls; undefined means no such port. */
  ddi: { host: string; port: number; pollSeconds: number } | undefined
  /** The port for container tools, which speak the OCI distribution specification; undefined means no such port. */
  registry: { host: string; port: number } | undefined
  /** The customer's own certificate: files in PEM. */
  tls: { certificateFile: string; keyFile: string; authorityFile: string } | undefined
  ownerKeyFile: string | undefined
  /** The file for an operator's key, if there is none yet. If undefined, nobody can manage organisations. */
  operatorKeyFile: string | undefined
  separateBatchKeys: boolean
  /** The bucket for blobs; undefined means the data folder. */
  s3: S3Location | undefined
  logLevel: LogLevel
  /** The mail server for letters to people, and their sender. */
  mail: MailOptions | undefined
  /** The file of the identity providers for signing in. */
  ssoFile: string | undefined
  noticeFile: string | undefined
  /** The collector of OpenTelemetry, and the file of the headers for it. */
  otlp: { url: string; headersFile: string | undefined } | undefined
  /** The folder with catalogues of the marketplace, each in a folder of its name. */
  catalogues: string
  /** The folder whose repositories Git sources may name; undefined means none. */
  gitRoot: string | undefined
  /** The catalogues among them that everybody who reaches the hub may mirror. */
  servedCatalogues: string[]
  /**
   * The private hosts that gates may reach. The files have the secret that signs their requests, and the trusted
   * authorities.
   */
  webhooks: {
    allowed: AllowedHost[]
    secretFile: string | undefined
    authorityFile: string | undefined
    proxy: string | undefined
  }
}

export type ParsedOptions =
  | { ok: true; options: HubOptions }
  | { ok: false; code: 'option_invalid'; message: string }
  | { ok: 'help'; text: string }

export const HELP = `Usage: skerry hub [options]

Runs the hub: the API, the device link and the files of the fleet, on one TLS port.

  --data DIR            where everything is kept (default: $SKERRY_HOME/hub, or ~/.skerry/hub)
  --database-url URL    keep records in PostgreSQL 15 or newer, for several hubs: postgres://USER:PASSWORD@HOST/NAME
                        (default: $DATABASE_URL, or a SQLite file in --data)
  --secrets DIR         authority, signing key and encryption key, the same for all hubs of a database (default: --data)
  --make-secrets        make what belongs into --secrets, and end: for hubs that get it from a vault or a mount
  --check-upgrade       try what this version would change in the database, on a copy of it, and end
  --encryption-key-file FILE     the key that secrets are encrypted under, 32 bytes in base64, mode 0600; further lines
                                 hold older keys (default: encryption-key in --secrets, made on the first start)
  --encryption-key-command FILE  a program that prints these lines instead, such as one that asks a key management
                                 service; $SKERRY_ENCRYPTION_KEY may hold them, too
  --listen HOST:PORT    address to listen on (default: 127.0.0.1:8443)
  --public-url URL      how devices and people reach the hub, such as https://hub.example.com:8443
  --peer-address HOST:PORT  where other hubs of the database reach this one (default: --listen, or the first
                        address of this machine where it listens on all)
  --ddi-listen HOST:PORT    a second TLS port for devices without an agent, whose own updater speaks hawkBit's DDI,
                        such as SWUpdate (default: none)
  --ddi-poll SECONDS    so often these devices poll the hub, 1 to 86399 (default: 60)
  --registry-listen HOST:PORT  another TLS port for container tools, which push images to the hub and pull them from
                        it, such as docker, podman, skopeo and oras (default: none)
  --tls-cert FILE       your own server certificate, with its chain (PEM)
  --tls-key FILE        its private key (PEM)
  --tls-ca FILE         the authority that signed it (PEM); devices and clients pin it
  --blobs s3://B/P      keep model files in bucket B below P, instead of in the data folder
  --s3-endpoint URL     address of the store, when it is not Amazon's
  --s3-region NAME      region of the bucket (default: $AWS_REGION, or us-east-1)
  --s3-path-style       name the bucket in the path, not in the host
  --adopt-blobs         take over the model files in --data or --blobs, although another database owned them
  --remove-strays       remove model files that the database does not know, however many they are
  --keep-removed DAYS   so long the bytes of a removed model stay, in case they are wanted back (default: 7)
  --owner-key-file FILE where the first start writes the owner's API key
  --operator-key-file FILE  let this hub be for several organisations: where the key of its first operator is written
  --separate-batch-keys create, sign and send a batch with three different API keys
  --webhook-allow HOST  a host, or HOST:PORT, that gates may ask although it is not public, and by http where it is
                        this machine; may be given many times
  --webhook-secret-file FILE  signs what webhooks are asked (HMAC-SHA256)
  --webhook-ca FILE     an authority that webhooks are trusted by besides the usual ones (PEM)
  --proxy URL           http proxy on the way to Git sources and model feeds, but for hosts of --webhook-allow
  --smtp-url URL        server for e-mail to people (invitations, new passwords): smtps://USER:PASSWORD@HOST, or
                        smtp://HOST:587 with STARTTLS; ?tls=off for one on this machine (default: $SMTP_URL)
  --mail-from ADDRESS   whom that e-mail comes from
  --sso-file FILE       providers that people sign in with (OpenID Connect), as JSON; see docs/people.md
  --catalogues DIR      catalogues of the marketplace, each in a folder of its name (default: catalogues in --data)
  --git-root DIR        let Git sources name repositories in this folder, as file:///DIR/NAME.git (default: none)
  --serve-catalogue NAME  let everybody who reaches this hub mirror this catalogue, or ORGANISATION/NAME that the hub signs; may be given many times
  --notice-file FILE    text that everybody is shown before they sign in, in the console and at a command line
  --otlp-url URL        send the hub's metrics to a collector of OpenTelemetry every 30 s, as OTLP in JSON, such as
                        https://collector.example.com:4318/v1/metrics
  --otlp-headers-file FILE  headers for it, one "Name: value" a line, such as its token
  --log-level LEVEL     debug, info, warn, error or silent (default: info)
  --help                this text

The store's credentials come from the environment: $AWS_ACCESS_KEY_ID and $AWS_SECRET_ACCESS_KEY,
$AWS_SHARED_CREDENTIALS_FILE, or the role of the machine.

Example: skerry hub --data /var/lib/skerry --listen 0.0.0.0:8443 --public-url https://hub.example.com:8443
`

const FLAGS = {
  data: { type: 'string' },
  'database-url': { type: 'string' },
  secrets: { type: 'string' },
  'make-secrets': { type: 'boolean', default: false },
  'check-upgrade': { type: 'boolean', default: false },
  'encryption-key-file': { type: 'string' },
  'encryption-key-command': { type: 'string' },
  listen: { type: 'string', default: '127.0.0.1:8443' },
  'public-url': { type: 'string' },
  'peer-address': { type: 'string' },
  'ddi-listen': { type: 'string' },
  'ddi-poll': { type: 'string', default: '60' },
  'registry-listen': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-ca': { type: 'string' },
  blobs: { type: 'string' },
  's3-endpoint': { type: 'string' },
  's3-region': { type: 'string' },
  's3-path-style': { type: 'boolean', default: false },
  'adopt-blobs': { type: 'boolean', default: false },
  'remove-strays': { type: 'boolean', default: false },
  'keep-removed': { type: 'string', default: '7' },
  'owner-key-file': { type: 'string' },
  'operator-key-file': { type: 'string' },
  'separate-batch-keys': { type: 'boolean', default: false },
  'webhook-allow': { type: 'string', multiple: true, default: [] as string[] },
  'webhook-secret-file': { type: 'string' },
  'webhook-ca': { type: 'string' },
  proxy: { type: 'string' },
  'smtp-url': { type: 'string' },
  'mail-from': { type: 'string' },
  'sso-file': { type: 'string' },
  'notice-file': { type: 'string' },
  'otlp-url': { type: 'string' },
  'otlp-headers-file': { type: 'string' },
  catalogues: { type: 'string' },
  'git-root': { type: 'string' },
  'serve-catalogue': { type: 'string', multiple: true, default: [] as string[] },
  'log-level': { type: 'string', default: 'info' },
  help: { type: 'boolean', default: false },
} as const

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent']

/** Messages about options that belong together. They do not repeat a URL, because it has a password. */
const GO_TOGETHER = {
  tls: '--tls-cert, --tls-key and --tls-ca go together',
  otlp: '--otlp-url must be http://HOST:PORT/PATH or https, without a password; --otlp-headers-file goes with it',
  ddi: '--ddi-listen must be HOST:PORT such as 0.0.0.0:8444, and --ddi-poll a number of seconds from 1 to 86399',
  registry: '--registry-listen must be HOST:PORT such as 0.0.0.0:8445',
  mail: '--smtp-url must be smtp://HOST or smtps://USER:PASSWORD@HOST, with --mail-from ADDRESS',
}

/** Parses the command line. Each error names the option and its expected form. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): ParsedOptions {
  const parsed = readFlags(args)
  if (!parsed.ok) return refuse(parsed.message)
  const { values } = parsed
  if (values.help) return { ok: 'help', text: HELP }
  const address = parseListen(values.listen)
  if (!address) return refuse(`--listen must be HOST:PORT such as 127.0.0.1:8443, not ${quote(values.listen)}`)
  const peerAddress = peerAddressOf(values)
  if (peerAddress === 'invalid') {
    return refuse(`--peer-address must be HOST:PORT such as 10.0.0.7:8443, not ${quote(values['peer-address'] ?? '')}`)
  }
  const publicUrl = values['public-url']
  if (publicUrl !== undefined && !isOrigin(publicUrl)) {
    return refuse(`--public-url must be https://HOST:PORT without a path, not ${quote(publicUrl)}`)
  }
  const logLevel = LOG_LEVELS.find((level) => level === values['log-level'])
  if (!logLevel) return refuse(`--log-level must be one of ${LOG_LEVELS.join(', ')}, not ${quote(values['log-level'])}`)
  const tls = tlsOf(values)
  const mail = mailOf(values, environment)
  if (tls === 'incomplete') return refuse(GO_TOGETHER.tls)
  if (mail === 'incomplete') return refuse(GO_TOGETHER.mail)
  const s3 = s3Of(values, environment)
  if (s3?.ok === false) return refuse(s3.message)
  const places = placesOf(values, environment)
  // Not quoted, because it has a password.
  if (!places) return refuse('--database-url, or DATABASE_URL, must be postgres://USER:PASSWORD@HOST:PORT/NAME')
  const webhooks = webhooksOf(values)
  if (typeof webhooks === 'string') return refuse(webhooks)
  const encryptionKeys = encryptionKeysOf(values, environment)
  if (encryptionKeys === 'several') {
    return refuse(
      `encryption keys come from one place: --encryption-key-file, --encryption-key-command or $${KEY_VARIABLE}`,
    )
  }
  return {
    ok: true,
    options: {
      ...places,
      ...address,
      ...fileOptions(values),
      peerAddress,
      ddi: ddiOf(values),
      registry: addressOf(values['registry-listen']),
      publicUrl: publicUrl && new URL(publicUrl).origin,
      s3: s3?.location,
      encryptionKeys,
      ownerKeyFile: values['owner-key-file'],
      separateBatchKeys: values['separate-batch-keys'],
      operatorKeyFile: values['operator-key-file'],
      ssoFile: values['sso-file'],
      noticeFile: values['notice-file'],
      otlp: otlpOf(values),
      tls,
      logLevel,
      mail,
      webhooks,
    },
  }
}

/** In containers and systemd units, secrets often come from the environment. */
export const KEY_VARIABLE = 'SKERRY_ENCRYPTION_KEY'

function encryptionKeysOf(values: Flags, environment: NodeJS.ProcessEnv): HubOptions['encryptionKeys'] | 'several' {
  const { 'encryption-key-file': file, 'encryption-key-command': command } = values
  const text = environment[KEY_VARIABLE] || undefined
  if ([file, command, text].filter((each) => each !== undefined).length > 1) return 'several'
  if (file !== undefined) return { file: resolve(file) }
  if (command !== undefined) return { command: resolve(command) }
  return text === undefined ? undefined : { environment: text }
}

function tlsOf(values: Flags): HubOptions['tls'] | 'incomplete' {
  const certificateFile = values['tls-cert']
  const keyFile = values['tls-key']
  const authorityFile = values['tls-ca']
  const given = [certificateFile, keyFile, authorityFile].filter((file) => file !== undefined)
  if (given.length !== 0 && given.length !== 3) return 'incomplete'
  return certificateFile && keyFile && authorityFile ? { certificateFile, keyFile, authorityFile } : undefined
}

function otlpOf({ 'otlp-url': url, 'otlp-headers-file': headersFile }: Flags): HubOptions['otlp'] {
  return url === undefined ? undefined : { url, headersFile }
}

function isOtlp({ 'otlp-url': url, 'otlp-headers-file': file }: { 'otlp-url'?: string; 'otlp-headers-file'?: string }) {
  if (url === undefined) return file === undefined
  if (!URL.canParse(url)) return false
  const { protocol, username, password } = new URL(url)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

function s3Of(values: Flags, environment: NodeJS.ProcessEnv) {
  const { blobs, 's3-endpoint': endpoint, 's3-region': region, 's3-path-style': isPathStyle } = values
  if (blobs !== undefined) return parseS3Location({ blobs, endpoint, region, isPathStyle }, environment)
  if (endpoint === undefined && region === undefined && !isPathStyle) return undefined
  return { ok: false as const, message: '--s3-endpoint, --s3-region and --s3-path-style go with --blobs s3://...' }
}

function peerAddressOf({ 'peer-address': text }: Flags): HubOptions['peerAddress'] | 'invalid' {
  if (text === undefined) return undefined
  const address = parseListen(text)
  return address?.port ? address : 'invalid'
}

/** The protocol can state a time of less than a day between two polls. */
const DDI_POLL_SECONDS_MAX = 86_399

function isDdi({ 'ddi-listen': listen, 'ddi-poll': poll }: { 'ddi-listen'?: string; 'ddi-poll': string }): boolean {
  const isPoll = /^[1-9]\d{0,4}$/.test(poll) && Number(poll) <= DDI_POLL_SECONDS_MAX
  return isPoll && (listen === undefined || parseListen(listen) !== undefined)
}

function ddiOf({ 'ddi-listen': listen, 'ddi-poll': poll }: Flags): HubOptions['ddi'] {
  const address = listen === undefined ? undefined : parseListen(listen)
  return address && { ...address, pollSeconds: Number(poll) }
}

const addressOf = (text: string | undefined) => (text === undefined ? undefined : parseListen(text))

function mailOf(values: Flags, environment: NodeJS.ProcessEnv): MailOptions | undefined | 'incomplete' {
  const smtpUrl = values['smtp-url'] ?? (environment.SMTP_URL || undefined)
  const from = values['mail-from']
  if (smtpUrl === undefined) return from === undefined ? undefined : 'incomplete'
  const isServer =
    URL.canParse(smtpUrl) && /^smtps?:$/.test(new URL(smtpUrl).protocol) && new URL(smtpUrl).hostname !== ''
  return isServer && from !== undefined && /^[^\s<>"]+@[^\s<>"]+$/.test(from) ? { smtpUrl, from } : 'incomplete'
}

/** The reason if one of the hosts is invalid. */
function webhooksOf(values: Flags): HubOptions['webhooks'] | string {
  const given = values['webhook-allow']
  const allowed = given.map(parseAllowedHost)
  if (!allowed.every((host) => host !== undefined)) {
    return `--webhook-allow must be a host or HOST:PORT such as tests.plant.example, not ${quote(given.join(' '))}`
  }
  const { proxy } = values
  if (proxy !== undefined && !/^http:\/\/[^/@\s]+\/?$/.test(proxy))
    return `--proxy must be an address such as http://proxy.example:3128 without a password`
  return { allowed, secretFile: values['webhook-secret-file'], authorityFile: values['webhook-ca'], proxy }
}

type Flags = Extract<ReturnType<typeof readFlags>, { ok: true }>['values']

function readFlags(args: readonly string[]) {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false })
    if (!isNumberOfDays(values['keep-removed'])) {
      return { ok: false as const, message: '--keep-removed must be a number of days from 0 to 365' }
    }
    const isPlaceless = values['make-secrets'] && values.secrets === undefined
    if (isPlaceless) return { ok: false as const, message: '--make-secrets goes with --secrets DIR' }
    if (!isDdi(values)) return { ok: false as const, message: GO_TOGETHER.ddi }
    const { 'registry-listen': registry } = values
    if (registry !== undefined && !parseListen(registry)) return { ok: false as const, message: GO_TOGETHER.registry }
    if (!isOtlp(values)) return { ok: false as const, message: GO_TOGETHER.otlp }
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

type Places = Pick<
  HubOptions,
  | 'data'
  | 'secrets'
  | 'databaseUrl'
  | 'isMakingSecrets'
  | 'isUpgradeChecked'
  | 'catalogues'
  | 'gitRoot'
  | 'servedCatalogues'
>

/** The folders and the database; undefined if the database's URL is invalid. */
function placesOf(values: Flags, environment: NodeJS.ProcessEnv): Places | undefined {
  const data = resolve(values.data ?? join(environment.SKERRY_HOME ?? join(homedir(), '.skerry'), 'hub'))
  const databaseUrl = values['database-url'] ?? (environment.DATABASE_URL || undefined)
  if (databaseUrl !== undefined && !isPostgres(databaseUrl)) return undefined
  const secrets = values.secrets === undefined ? data : resolve(values.secrets)
  const catalogues = resolve(values.catalogues ?? join(data, 'catalogues'))
  const gitRoot = values['git-root'] === undefined ? undefined : resolve(values['git-root'])
  const tasks = { isMakingSecrets: values['make-secrets'], isUpgradeChecked: values['check-upgrade'] }
  return { data, secrets, databaseUrl, catalogues, gitRoot, servedCatalogues: values['serve-catalogue'], ...tasks }
}

const isPostgres = (text: string) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)

const quote = (text: string) => JSON.stringify(text.slice(0, 100))

const refuse = (message: string): ParsedOptions => ({ ok: false, code: 'option_invalid', message })
