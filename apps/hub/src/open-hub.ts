/** Opens everything that a hub is made of, in order, and puts it away in reverse. */
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { openBlobFolder } from '@skerry/platform/blob-folder'
import { fingerprintOf } from '@skerry/platform/certificate'
import type { Credentials } from '@skerry/platform/certificate-authority'
import type { Clock } from '@skerry/platform/clock'
import type { FileSystem } from '@skerry/platform/file-system'
import type { Log } from '@skerry/platform/log'
import { createAuditLimiter } from './audit/audit-limiter.ts'
import { runBackground } from './background.ts'
import { createBlobGuard } from './blobs/blob-guard.ts'
import { createBus } from './bus.ts'
import { createCallerLimiter } from './http/caller-limiter.ts'
import { startServer, type Timeouts } from './http/server.ts'
import type { Hub } from './hub.ts'
import { createIdentifiers } from './identifiers.ts'
import { type Folder, type Identity, openIdentity, openServerCredentials, type ServerNames } from './identity.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { createMetrics } from './metrics.ts'
import { createWorkQueue } from './models/work-queue.ts'
import { type AnnounceOwner, ensureOwner } from './owner.ts'
import { startRolloutEngine } from './rollouts/engine.ts'
import { openSqliteStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'
import { createOpenParts } from './uploads/open-parts.ts'
import { HUB_VERSION } from './version.ts'
import { createChangeFeed } from './watch/change-feed.ts'

/** The hub stops taking bytes while so much of the disk is left: its database and the rest of the machine must go on working. */
const DISK_FLOOR_BYTES = 512 * 1024 * 1024

/** More than so many would wait longer than their callers do: each may take a minute. */
const PUSHES_WAITING_MAX = 8

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
  timeouts?: Timeouts
}

export type RunningHub = AsyncDisposable & { hub: Hub; url: string }

export type OpenHubResult = { ok: true; running: RunningHub } | { ok: false; code: string; message: string }

/** Opens the data folder (which the caller has locked) and starts to serve. */
export async function openHub(options: OpenHubOptions): Promise<OpenHubResult> {
  const { fileSystem, clock, data } = options
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
  const { identity } = identified
  const stop = new AbortController()
  const address = { url: options.publicUrl ?? '' }
  const hub = await assemble(options, { store, identity, address, signal: stop.signal })
  stack.defer(() => hub.keys.flush())
  stack.use(hub.openParts)
  stack.use(hub.changes)
  await ensureOwner(hub, options.announceOwner)
  stack.use(startRolloutEngine(hub))
  const { certificatePem, privateKeyPem } =
    options.tls ?? (await openServerCredentials(folder, { ...identity, names: serverNames(options), nowMs }))
  const server = stack.use(await startServer(hub, { ...options, certificatePem, privateKeyPem }))
  address.url ||= urlOf(options.host, server.port)
  const background = runBackground(hub)
  stack.defer(async () => {
    stop.abort(new DOMException('the hub is stopping', 'AbortError'))
    await background
  })
  const resources = stack.move()
  return { ok: true, running: { hub, url: address.url, [Symbol.asyncDispose]: () => resources.disposeAsync() } }
}

type Parts = { store: Store; identity: Identity; address: { url: string }; signal: AbortSignal }

async function assemble(options: OpenHubOptions, { store, identity, address, signal }: Parts): Promise<Hub> {
  const { fileSystem, clock, log, data, random, diskFloorBytes = DISK_FLOOR_BYTES } = options
  const bus = createBus(log)
  const caPem = options.tls?.authorityPem ?? identity.authority.certificatePem
  const blobs = await openBlobFolder({ fileSystem, path: join(data, 'blobs'), freeBytesMin: diskFloorBytes })
  const staging = join(data, 'staging')
  // What a push left behind that a crash ended.
  await rm(staging, { recursive: true, force: true })
  return {
    config: { version: HUB_VERSION, publicUrl: () => address.url, caPem, caFingerprint: fingerprintOf(caPem) },
    store,
    blobs,
    blobGuard: createBlobGuard(),
    openParts: createOpenParts(blobs, clock),
    pushQueue: createWorkQueue(PUSHES_WAITING_MAX),
    stagingPath: (id) => join(staging, id),
    fileSystem,
    clock,
    random,
    ids: createIdentifiers(randomBytes),
    log,
    bus,
    changes: createChangeFeed({ store, bus, clock, log }),
    metrics: createMetrics(),
    keys: createKeyRing({ store, clock, log }),
    auditLimiter: createAuditLimiter(clock),
    callerLimiter: createCallerLimiter(clock),
    authority: identity.authority,
    signing: identity.signing,
    itemWatchers: [],
    signal,
  }
}

/** A wildcard is no address to call; on this machine, localhost is. */
function urlOf(host: string, port: number): string {
  const name = WILDCARDS.includes(host) ? 'localhost' : host
  return `https://${name.includes(':') ? `[${name}]` : name}:${port}`
}

const WILDCARDS = ['0.0.0.0', '::']

/** Everything that the hub may be reached by, as far as it knows. */
function serverNames({ host, publicUrl }: OpenHubOptions): ServerNames {
  const publicName = publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')]
  const own = WILDCARDS.includes(host) ? [] : [host]
  const others = new Set(['127.0.0.1', '::1', hostname(), ...own, ...publicName])
  others.delete('localhost')
  return ['localhost', ...others]
}
