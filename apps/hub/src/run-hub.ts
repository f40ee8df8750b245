/** Runs the hub: locks its folder, opens it, and stays until it is told to stop. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeAtomic } from '@skerry/platform/atomic-file'
import { systemClock } from '@skerry/platform/clock'
import { nodeFileSystem } from '@skerry/platform/file-system'
import { lockFolder } from '@skerry/platform/folder-lock'
import { createLog } from '@skerry/platform/log'
import { openShutdown } from '@skerry/platform/shutdown'
import { type OpenHubOptions, openHub } from './open-hub.ts'
import type { HubOptions } from './options.ts'

export type RunResult = { ok: true } | { ok: false; code: string; message: string }

/** Resolves when the hub has stopped, or at once with why it cannot run. */
export async function runHub(options: HubOptions): Promise<RunResult> {
  const log = createLog({ name: 'hub', level: options.logLevel })
  const tls = await readTls(options.tls)
  if (!tls.ok) return tls
  await using shutdown = openShutdown({ log })
  await nodeFileSystem.makeFolder(options.data)
  const locked = lockFolder(options.data, 'hub')
  if (!locked.ok) return locked
  shutdown.use('lock', locked.lock)
  let ownerKey: string | undefined
  const opened = await openHub({
    ...options,
    tls: tls.credentials,
    fileSystem: nodeFileSystem,
    clock: systemClock,
    log,
    random: Math.random,
    announceOwner: async (key) => {
      ownerKey = key
      await keepOwnerKey(key, options.ownerKeyFile)
    },
  })
  if (!opened.ok) return opened
  const { hub, url } = shutdown.use('hub', opened.running)
  const { caFingerprint } = hub.config
  log.info('hub_ready', { url, caFingerprint, data: options.data })
  if (ownerKey !== undefined)
    say(`Sign in:  skerry login ${url} --key ${ownerKey} --ca-fingerprint ${caFingerprint}\n\n`)
  await new Promise((resolve) => shutdown.signal.addEventListener('abort', resolve, { once: true }))
  return { ok: true }
}

/** At once, and not only when the hub is ready: a key that was lost on the way would lock everybody out. */
async function keepOwnerKey(key: string, file: string | undefined): Promise<void> {
  if (file !== undefined) await writeAtomic(nodeFileSystem, file, `${key}\n`, 0o600)
  say(`The owner's API key, shown this once:  ${key}\n\n`)
}

/** Standard output is for people; the log goes to standard error. */
const say = (text: string) => process.stdout.write(text)

type TlsResult =
  | { ok: true; credentials: OpenHubOptions['tls'] }
  | { ok: false; code: 'option_invalid'; message: string }

/** The customer's certificate, if one was given, checked as far as it can be: a wrong one would be found by every device at once. */
async function readTls(tls: HubOptions['tls']): Promise<TlsResult> {
  if (!tls) return { ok: true, credentials: undefined }
  try {
    const [certificatePem, privateKeyPem, authorityPem] = [
      await readFile(tls.certificateFile, 'utf8'),
      await readFile(tls.keyFile, 'utf8'),
      await readFile(tls.authorityFile, 'utf8'),
    ]
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
