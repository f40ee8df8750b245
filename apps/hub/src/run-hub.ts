/** Runs the hub: locks its folder, opens it, and runs until it is stopped. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem, systemCode } from '@skerry/platform/files/file-system'
import { claimFolder } from '@skerry/platform/files/folder-lock'
import { removeTelemetryLeftovers } from '@skerry/platform/files/telemetry-leftovers'
import { systemClock } from '@skerry/platform/process/clock'
import { createLog, type Log } from '@skerry/platform/process/log'
import { openShutdown } from '@skerry/platform/process/shutdown'
import { commandSource, environmentSource, fileSource, type KeySource } from './encryption/key-source.ts'
import type { Hub } from './hub.ts'
import { makeSecrets } from './identity/make-secrets.ts'
import { type OpenHubOptions, openHub } from './open-hub.ts'
import { type HubOptions, KEY_VARIABLE } from './options.ts'
import { startOtlp } from './otlp/otlp-export.ts'
import { readOtlpTarget } from './otlp/otlp-headers.ts'
import { joinLink } from './people/invitations/invitation-handlers.ts'
import { readNotice } from './people/notice.ts'
import { readProviders } from './sso/provider-file.ts'
import { checkUpgrade } from './store/check-upgrade.ts'

export type RunResult = { ok: true } | { ok: false; code: string; message: string }

/** Resolves when the hub has stopped, or at once with the reason why it cannot run. */
export async function runHub(options: HubOptions): Promise<RunResult> {
  if (options.isMakingSecrets) return makeShared(options)
  if (options.isUpgradeChecked) return checkUpgrade(options, say)
  const log = createLog({ name: 'hub', level: options.logLevel })
  const tls = await readTls(options.tls)
  if (!tls.ok) return tls
  const webhooks = await readWebhooks(options.webhooks)
  if (!webhooks.ok) return webhooks
  const sso = await readProviders(options.ssoFile, process.env)
  if (!sso.ok) return sso
  const noticed = await readNotice(options.noticeFile)
  if (!noticed.ok) return noticed
  const otlp = await readOtlpTarget(options.otlp)
  if (!otlp.ok) return otlp
  await using shutdown = openShutdown({ log })
  const locked = await lockFolders(options, log)
  if (!locked.ok) return locked
  shutdown.use('lock', locked.lock)
  let owner: { key: string; invitation: string } | undefined
  let operator: { invitation: string } | undefined
  const { operatorKeyFile } = options
  const opening: OpenHubOptions = {
    ...options,
    tls: tls.credentials,
    rereadTls: () => rereadTls(options.tls, log),
    webhooks: webhooks.options,
    providers: sso.providers,
    notice: noticed.notice,
    encryptionKeys: keySourceOf(options.encryptionKeys),
    fileSystem: nodeFileSystem,
    clock: systemClock,
    log,
    random: Math.random,
    announceOwner: async (key, _hub, invitation) => {
      owner = { key, invitation }
      await keepOwnerKey(key, options.ownerKeyFile)
    },
    ...(operatorKeyFile !== undefined && {
      announceOperator: async (key: string, _hub: Hub, invitation: string) => {
        operator = { invitation }
        await writeAtomic(nodeFileSystem, operatorKeyFile, `${key}\n`, 0o600)
      },
    }),
  }
  const opened = await tryAddress(options)
    .then(() => openHub(opening))
    .catch((error: unknown) => unheard(error, options))
  if (!opened.ok) return opened
  const { hub, url } = shutdown.use('hub', opened.running)
  if (otlp.target) shutdown.use('otlp', startOtlp({ ...hub, hubId: hub.cluster.hubId }, otlp.target))
  const { caFingerprint } = hub.config
  log.info('hub_ready', { url, caFingerprint, data: options.data, hubId: hub.cluster.hubId })
  welcome({ url, caFingerprint, owner, operator, operatorKeyFile })
  await stopOf(shutdown.signal)
  return { ok: true }
}

/** The signal may have come while the hub opened. */
function stopOf(signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
}

type Founders = {
  url: string
  caFingerprint: string
  owner: { key: string; invitation: string } | undefined
  operator: { invitation: string } | undefined
  operatorKeyFile: string | undefined
}

/** Prints how the first people sign in. The hub says so once, at its first start. */
function welcome({ url, caFingerprint, owner, operator, operatorKeyFile }: Founders): void {
  if (owner) {
    // Browsers do not send the part of an address from its # on. So the key reaches the page, and no log.
    const link = `In a browser:  ${url}/sign-in#key=${owner.key}`
    say(`Sign in:  skerry login ${url} --key ${owner.key} --ca-fingerprint ${caFingerprint}\n\n${link}\n\n`)
    say(`The first person's account, within a day:  ${joinLink(url, owner.invitation)}\n\n`)
  }
  if (operator) {
    say(`The operator's API key is in ${operatorKeyFile}\n`)
    say(`The first operator's account, within a day:  ${joinLink(url, operator.invitation)}\n\n`)
  }
}

/**
 * Before anything is made: a first start that cannot listen would have shown the owner's key, and the next start would not
 * say how to sign in with it.
 */
async function tryAddress({ host, port }: HubOptions): Promise<void> {
  const server = createServer()
  server.listen({ host, port })
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

/** The reason why the hub cannot listen at its address. Throws every other error. */
function unheard(error: unknown, { host, port }: HubOptions): Extract<RunResult, { ok: false }> {
  const why = error instanceof Error && 'syscall' in error && error.syscall === 'listen' ? systemCode(error) : undefined
  if (why === undefined) throw error
  const next = 'stop the program that has it, or give this hub another address with --listen'
  return { ok: false, code: 'port_in_use', message: `cannot listen on ${host}:${port} (${why}); ${next}` }
}

async function lockFolders({ data, secrets }: HubOptions, log: Log) {
  const locked = await claimFolder(data, 'hub', log)
  if (!locked.ok) return locked
  await nodeFileSystem.makeFolder(secrets)
  await removeTelemetryLeftovers(process.env, log)
  return locked
}

async function makeShared({ secrets, encryptionKeys }: HubOptions): Promise<RunResult> {
  const place = { fileSystem: nodeFileSystem, path: secrets, hasEncryptionKey: encryptionKeys !== undefined }
  const made = await makeSecrets({ ...place, nowMs: systemClock.nowMs() })
  if (!made.ok) return made
  say(`${made.isNew ? 'Made' : 'There already'}:  ${made.files.join(', ')} in ${secrets}\n`)
  say(`Fingerprint of the authority:  ${made.caFingerprint}\n`)
  return { ok: true }
}

/** Shown at once, and not when the hub is ready: a lost key would lock everybody out. */
async function keepOwnerKey(key: string, file: string | undefined): Promise<void> {
  if (file !== undefined) await writeAtomic(nodeFileSystem, file, `${key}\n`, 0o600)
  say(`The owner's API key, shown this once:  ${key}\n\n`)
}

function keySourceOf(keys: HubOptions['encryptionKeys']): KeySource | undefined {
  if (keys === undefined) return undefined
  if ('file' in keys) return fileSource(nodeFileSystem, keys.file, false)
  if ('command' in keys) return commandSource(keys.command)
  // Later child processes must not inherit the key.
  delete process.env[KEY_VARIABLE]
  return environmentSource(KEY_VARIABLE, keys.environment)
}

/** Standard output is for people; the log goes to standard error. */
const say = (text: string) => process.stdout.write(text)

type TlsResult =
  | { ok: true; credentials: OpenHubOptions['tls'] }
  | { ok: false; code: 'option_invalid'; message: string }

/**
 * The customer's certificate, if one is configured, checked as far as possible: otherwise every device would meet the
 * error at once.
 */
async function readTls(tls: HubOptions['tls']): Promise<TlsResult> {
  if (!tls) return { ok: true, credentials: undefined }
  try {
    const certificatePem = await readFile(tls.certificateFile, 'utf8')
    const privateKeyPem = await readFile(tls.keyFile, 'utf8')
    const authorityPem = await readFile(tls.authorityFile, 'utf8')
    const certificate = new X509Certificate(certificatePem)
    new X509Certificate(authorityPem)
    if (certificate.checkPrivateKey(createPrivateKey(privateKeyPem))) {
      return { ok: true, credentials: { certificatePem, privateKeyPem, authorityPem } }
    }
    return {
      ok: false,
      code: 'option_invalid',
      message: `--tls-key ${tls.keyFile} is not the key of --tls-cert ${tls.certificateFile}`,
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      ok: false,
      code: 'option_invalid',
      message: `--tls-cert, --tls-key and --tls-ca must be files in PEM: ${why}`,
    }
  }
}

/**
 * The present files. If only half of a new pair exists, the hub continues with the old one and reads the files again
 * later.
 */
async function rereadTls(files: HubOptions['tls'], log: Log): Promise<OpenHubOptions['tls']> {
  const read = await readTls(files)
  if (!read.ok) log.warn('server_certificate_refused', { message: read.message })
  return read.ok ? read.credentials : undefined
}

type WebhooksResult =
  | { ok: true; options: NonNullable<OpenHubOptions['webhooks']> }
  | { ok: false; code: 'option_invalid'; message: string }

/** A shorter secret can be guessed from one signed request. */
const SECRET_CHARACTERS_MIN = 16

async function readWebhooks({
  allowed,
  secretFile,
  authorityFile,
  proxy,
}: HubOptions['webhooks']): Promise<WebhooksResult> {
  try {
    const secret = secretFile === undefined ? undefined : (await readFile(secretFile, 'utf8')).trim()
    if (secret !== undefined && secret.length < SECRET_CHARACTERS_MIN) {
      const message = `--webhook-secret-file must hold at least ${SECRET_CHARACTERS_MIN} characters`
      return { ok: false, code: 'option_invalid', message }
    }
    const ca = authorityFile === undefined ? undefined : await readFile(authorityFile, 'utf8')
    if (ca !== undefined) new X509Certificate(ca)
    return { ok: true, options: { allowed, secret, ca, proxy } }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const message = `--webhook-secret-file and --webhook-ca must be files, the latter in PEM: ${why}`
    return { ok: false, code: 'option_invalid', message }
  }
}
