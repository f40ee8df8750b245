/** The hub's program: reads its options, locks its folder, runs until it is told to stop. */
import { readFile } from 'node:fs/promises'
import { writeAtomic } from '@skerry/platform/atomic-file'
import { systemClock } from '@skerry/platform/clock'
import { nodeFileSystem } from '@skerry/platform/file-system'
import { createLog } from '@skerry/platform/log'
import { openShutdown } from '@skerry/platform/shutdown'
import { lockFolder } from './folder-lock.ts'
import { openHub } from './open-hub.ts'
import { type HubOptions, parseOptions } from './options.ts'

/** Exit codes: 0 stopped as told, 1 broken, 2 asked wrongly. */
const ASKED_WRONGLY = 2

async function main(): Promise<number> {
  const parsed = parseOptions(process.argv.slice(2), process.env)
  if (parsed.ok === 'help') {
    process.stdout.write(parsed.text)
    return 0
  }
  return parsed.ok ? run(parsed.options) : refuse(parsed.message)
}

async function run(options: HubOptions): Promise<number> {
  const log = createLog({ name: 'hub', level: options.logLevel })
  await using shutdown = openShutdown({ log })
  await nodeFileSystem.makeFolder(options.data)
  const locked = lockFolder(options.data)
  if (!locked.ok) return refuse(locked.message)
  shutdown.use('lock', locked.lock)
  const tls = await readTls(options.tls)
  const opened = await openHub({
    ...options,
    tls,
    fileSystem: nodeFileSystem,
    clock: systemClock,
    log,
    random: Math.random,
    announceOwner: (key) => keepOwnerKey(key, options.ownerKeyFile),
  })
  if (!opened.ok) return refuse(opened.message)
  const { hub, url } = shutdown.use('hub', opened.running)
  log.info('hub_ready', { url, caFingerprint: hub.config.caFingerprint, data: options.data })
  await new Promise((resolve) => shutdown.signal.addEventListener('abort', resolve, { once: true }))
  return 0
}

async function readTls(tls: HubOptions['tls']) {
  if (!tls) return undefined
  const [certificatePem, privateKeyPem, authorityPem] = await Promise.all(
    [tls.certificateFile, tls.keyFile, tls.authorityFile].map((path) => readFile(path, 'utf8')),
  )
  if (!certificatePem || !privateKeyPem || !authorityPem) throw new Error('a certificate file is empty')
  return { certificatePem, privateKeyPem, authorityPem }
}

async function keepOwnerKey(key: string, file: string | undefined) {
  if (file !== undefined) await writeAtomic(nodeFileSystem, file, `${key}\n`, 0o600)
  process.stdout.write(`The owner's API key, shown this once:\n\n  ${key}\n\n`)
}

function refuse(message: string): number {
  process.stderr.write(`skerry hub: ${message}\n`)
  return ASKED_WRONGLY
}

process.exitCode = await main()
