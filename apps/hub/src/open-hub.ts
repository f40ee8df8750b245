/** Opens everything that a hub is made of, in order, and puts it away in reverse. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { openBlobFolder } from '@skerry/platform/blob-folder'
import { fingerprintOf } from '@skerry/platform/certificate'
import type { Credentials } from '@skerry/platform/certificate-authority'
import type { Clock } from '@skerry/platform/clock'
import type { FileSystem } from '@skerry/platform/file-system'
import type { Log } from '@skerry/platform/log'
import { createAuditLimiter } from './audit/audit-limiter.ts'
import { createBus } from './bus.ts'
import { createCallerLimiter } from './http/caller-limiter.ts'
import { type HubServer, startServer } from './http/server.ts'
import type { Hub } from './hub.ts'
import { createIdentifiers } from './identifiers.ts'
import { type Folder, openIdentity, openServerCredentials } from './identity.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { createMetrics } from './metrics.ts'
import { type AnnounceOwner, ensureOwner } from './owner.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import { HUB_VERSION } from './version.ts'

/** The hub stops taking bytes while so much of the disk is left: its database and the rest of the machine must go on working. */
const DISK_FLOOR_BYTES = 512 * 1024 * 1024

export type OpenHubOptions = {
  data: string
  host: string
  port: number
  publicUrl?: string | undefined
  /** The customer's server certificate (PEM), and the authority to pin. */
  tls?: (Credentials & { authorityPem: string }) | undefined
  fileSystem: FileSystem
  clock: Clock
  log: Log
  random: () => number
  announceOwner: AnnounceOwner
  diskFloorBytes?: number
}

export type RunningHub = AsyncDisposable & { hub: Hub; server: HubServer; url: string }

export type OpenHubResult = { ok: true; running: RunningHub } | { ok: false; code: string; message: string }

/** Opens the data folder (which the caller has locked) and starts to serve. */
export async function openHub(options: OpenHubOptions): Promise<OpenHubResult> {
  const { fileSystem, clock, log, data } = options
  const nowMs = clock.nowMs()
  const folder: Folder = { fileSystem, path: data }
  const databasePath = join(data, 'hub.sqlite')
  const isNew = (await fileSystem.stat(databasePath)) === undefined
  const identified = await openIdentity(folder, { isNew, nowMs })
  if (!identified.ok) return identified
  const opened = await openSqliteStore(databasePath, nowMs)
  if (!opened.ok) return opened

  await using stack = new AsyncDisposableStack()
  const store = stack.use(opened.store)
  const { authority, signing } = identified.identity
  const caPem = options.tls?.authorityPem ?? authority.certificatePem
  const stop = new AbortController()
  let url = options.publicUrl
  const hub: Hub = {
    config: { version: HUB_VERSION, publicUrl: () => url ?? '', caPem, caFingerprint: fingerprintOf(caPem) },
    store,
    blobs: await openBlobFolder({
      fileSystem,
      path: join(data, 'blobs'),
      freeBytesMin: options.diskFloorBytes ?? DISK_FLOOR_BYTES,
    }),
    fileSystem,
    clock,
    random: options.random,
    ids: createIdentifiers(randomBytes),
    log,
    bus: createBus(log),
    metrics: createMetrics(),
    keys: createKeyRing({ store, clock, log }),
    auditLimiter: createAuditLimiter(clock),
    callerLimiter: createCallerLimiter(clock),
    authority,
    signing,
    itemWatchers: [],
    signal: stop.signal,
  }
  stack.defer(() => hub.keys.flush())
  await ensureOwner(hub, options.announceOwner)
  const server = stack.use(
    await startServer(hub, { ...options, ...(await serverCredentials(folder, options, authority, nowMs)) }),
  )
  url ??= `https://${options.host.includes(':') ? `[${options.host}]` : options.host}:${server.port}`
  stack.defer(() => stop.abort(new DOMException('the hub is stopping', 'AbortError')))
  const resources = stack.move()
  return { ok: true, running: { hub, server, url, [Symbol.asyncDispose]: () => resources.disposeAsync() } }
}

async function serverCredentials(folder: Folder, options: OpenHubOptions, authority: Credentials, nowMs: number) {
  const { certificatePem, privateKeyPem } =
    options.tls ?? (await openServerCredentials(folder, { authority, names: serverNames(options), nowMs }))
  return { certificate: certificatePem, privateKey: privateKeyPem }
}

/** Everything that the hub may be reached by, as far as it knows. */
function serverNames({ host, publicUrl }: OpenHubOptions): readonly [string, ...string[]] {
  const publicName = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')]
  const isWildcard = host === '0.0.0.0' || host === '::'
  const names = new Set(['localhost', '127.0.0.1', '::1', hostname(), ...(isWildcard ? [] : [host]), ...publicName])
  const [first = 'localhost', ...others] = names
  return [first, ...others]
}
