/** Opens all parts of a hub in order, and disposes of them in reverse. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import type { Credentials } from '@skerry/platform/certificates/certificate-authority'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { openVitals } from './about/vitals.ts'
import { createAuditLimiter } from './audit/audit-limiter.ts'
import { type Authorities, openAuthorities } from './authorities/authorities.ts'
import { followAuthorities } from './authorities/follow-authorities.ts'
import { runBackground } from './background.ts'
import { startBatchEngine } from './batches/batch-engine.ts'
import { createJobBoard } from './batches/job-board.ts'
import { createProofs } from './batches/signing.ts'
import { FILE_RULES, type FileRules } from './blobs/blob-collection.ts'
import { createBlobGuard } from './blobs/blob-guard.ts'
import { openBlobs } from './blobs/open-blobs.ts'
import type { S3BlobsOptions } from './blobs/s3-blobs.ts'
import type { S3Location } from './blobs/s3-location.ts'
import { type Bus, createBus } from './bus.ts'
import { alone, type Cluster } from './cluster/cluster.ts'
import { joinCluster } from './cluster/join-cluster.ts'
import { createCommandBoard } from './commands/command-board.ts'
import { createLookBoard } from './commands/looks/look-board.ts'
import { type DdiOptions, startDdiServer } from './ddi/ddi-server.ts'
import { endLinksOf } from './devices/device-link-store.ts'
import { createDevicePacer } from './devices/device-pacer.ts'
import { createDisk } from './disk.ts'
import { fileSource, type KeySource } from './encryption/key-source.ts'
import { openVault, type Vault } from './encryption/vault.ts'
import { createCallerLimiter } from './http/admission/caller-limiter.ts'
import { createBodyThreads } from './http/body/body-threads.ts'
import { ownCalls } from './http/own-calls.ts'
import { startServer, type Timeouts } from './http/server.ts'
import type { Hub } from './hub.ts'
import { originOf, reachableHost, secondUrlOf, serverNames, urlOf } from './identity/hub-address.ts'
import { hubConfig } from './identity/hub-config.ts'
import { createIdentifiers } from './identity/identifiers.ts'
import { type Folder, openServerCredentials } from './identity/identity.ts'
import { openServerCertificate, type ServerCertificate } from './identity/server-certificate.ts'
import { openSharedIdentity, type SharedIdentity } from './identity/shared-identity.ts'
import { createKeyRing } from './keys/key-ring.ts'
import { startLeading } from './leading.ts'
import { ownFiles } from './ledger/own-files.ts'
import { createMetrics } from './metrics.ts'
import { machine, openPushes } from './models/push-limits.ts'
import { emptyStaging } from './models/staging.ts'
import { nounFacts } from './nouns/nouns.ts'
import { type Announce, ensureFounders } from './organisations/founders.ts'
import { createRequestQuota } from './organisations/request-quota.ts'
import { createPeerLine } from './peers/peer-line.ts'
import { createPeers } from './peers/peers.ts'
import type { MailOptions } from './people/mail.ts'
import { createPeople } from './people/people.ts'
import { openPeopleKeys } from './people/people-keys.ts'
import { type RegistryOptions, startRegistryServer } from './registry/registry-server.ts'
import type { ProviderConfig } from './sso/provider-file.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/store.ts'
import { createStreamBoard } from './streams/stream-board.ts'
import { HUB_VERSION } from './version.ts'
import { createChangeFeed } from './watch/change-feed.ts'
import { createWatchPlaces } from './watch/watch-places.ts'
import { createWebhooks, type WebhookOptions } from './webhooks/webhooks.ts'

/**
 * The hub stops accepting bytes at this free disk space: its database and the rest of the machine must continue to
 * work.
 */
const DISK_FLOOR_BYTES = 512 * 1024 * 1024

export type OpenHubOptions = {
  data: string
  /** The folder of secrets; by default the data folder. */
  secrets?: string
  databaseUrl?: string | undefined
  /** The source of encryption keys; by default a file in `secrets`, which the hub creates. */
  encryptionKeys?: KeySource | undefined
  host: string
  port: number
  publicUrl?: string | undefined
  /** The address at which other hubs of the database reach this one; by default its own listening address. */
  peerAddress?: { host: string; port: number } | undefined
  /** The customer's server certificate (PEM), and the authority to pin. */
  tls?: (Credentials & { authorityPem: string }) | undefined
  /** The same from the present files; undefined if they do not fit together. */
  rereadTls?: () => Promise<OpenHubOptions['tls']>
  fileSystem: FileSystem
  clock: Clock
  log: Log
  random: () => number
  announceOwner: Announce
  /** Creates the operators if there are none. If absent, nobody can manage organisations. */
  announceOperator?: Announce | undefined
  /** Different keys create, sign and send a batch. */
  separateBatchKeys?: boolean
  notice?: string | undefined
  /** The folder with catalogues of the marketplace; in the data folder if absent. */
  catalogues?: string
  /** The folder whose Git repositories the hub may follow by `file:`; none if absent. */
  gitRoot?: string | undefined
  /** The catalogues that everybody who reaches the hub may mirror; none if absent. */
  servedCatalogues?: readonly string[]
  diskFloorBytes?: number
  /** The store of blobs; by default the data folder. */
  s3?: S3Location | undefined
  s3Limits?: S3BlobsOptions['limits']
  /** The operator's decisions about model files without a reference. */
  fileRules?: Partial<FileRules>
  /** Take over model files that another database owned. */
  isAdoptingBlobs?: boolean
  timeouts?: Timeouts
  /** The mail server for letters to people; none if absent. */
  mail?: MailOptions | undefined
  /** Identity providers for signing in; none if absent. */
  providers?: readonly ProviderConfig[]
  /** The second port for devices without an agent; none if absent. */
  ddi?: DdiOptions | undefined
  /** The port for container tools; none if absent. */
  registry?: RegistryOptions | undefined
  /** The private hosts to which gates may send requests; none if absent. */
  webhooks?: Omit<WebhookOptions, 'clock'>
}

export type RunningHub = AsyncDisposable & { hub: Hub; url: string }

export type OpenHubResult = { ok: true; running: RunningHub } | { ok: false; code: string; message: string }

/** Opens the data folder (which the caller has locked) and starts to serve. */
export async function openHub(options: OpenHubOptions): Promise<OpenHubResult> {
  const { fileSystem, clock, data } = options
  const opened = await openStore({
    databaseUrl: options.databaseUrl,
    path: join(data, 'hub.sqlite'),
    nowMs: clock.nowMs(),
    log: options.log,
  })
  if (!opened.ok) return opened

  await using stack = new AsyncDisposableStack()
  const store = stack.use(opened.store)
  const stop = new AbortController()
  const unlocked = await unlock(options, store, stop.signal)
  if (!unlocked.ok) return unlocked
  const { authorities } = unlocked.keys
  const address: HubAddress = {
    url: options.publicUrl ?? '',
    port: options.port,
    ddiUrl: undefined,
    registryUrl: undefined,
  }
  const serverCertificate = await openServerCertificate(
    servedWith(options, { fileSystem, path: data }, authorities),
    options.log,
  )
  const { cluster, bus } = await openCluster(options, store)
  stack.use(cluster)
  const hub = await assemble(options, {
    store,
    cluster,
    bus,
    address,
    ...unlocked.keys,
    serverCertificate,
    signal: stop.signal,
  })
  endWith(stack, hub)
  const owned = await ownFiles(hub, options.isAdoptingBlobs ?? false)
  if (!owned.ok) return owned
  await ensureFounders(hub, options)
  cluster.lead((lead) => startLeading(hub, lead))
  stack.use(startBatchEngine(hub))
  const server = stack.use(await startServer(hub, { ...options, ...serverCertificate.current() }))
  await openSecondPorts(stack, hub, options, addressed(address, options, server.port))
  announceCertificates(cluster, serverCertificate, peerUrlOf(options, server.port))
  serverCertificate.onChange(server.serveWith)
  stack.defer(followAuthorities(hub, server.serveWith))
  const background = runBackground(hub)
  stack.defer(async () => {
    stop.abort(new DOMException('the hub is stopping', 'AbortError'))
    await background
  })
  const resources = stack.move()
  return { ok: true, running: { hub, url: address.url, [Symbol.asyncDispose]: () => resources.disposeAsync() } }
}

/** Completes the address, now that the port is open. */
function addressed(address: HubAddress, { host }: OpenHubOptions, port: number): HubAddress {
  address.port = port
  address.url ||= urlOf(host, port)
  return address
}

/** Opens the ports for devices without an agent and for container tools, if there shall be such. */
async function openSecondPorts(
  stack: AsyncDisposableStack,
  hub: Hub,
  { ddi, registry }: OpenHubOptions,
  address: HubAddress,
): Promise<void> {
  if (ddi) address.ddiUrl = secondUrlOf(ddi.host, stack.use(await startDdiServer(hub, ddi)).port, address.url)
  if (!registry) return
  const { port } = stack.use(await startRegistryServer(hub, registry))
  address.registryUrl = secondUrlOf(registry.host, port, address.url)
}

/** The address at which other hubs reach this one. */
const peerUrlOf = ({ peerAddress, host }: OpenHubOptions, port: number): string =>
  originOf(peerAddress ?? { host: reachableHost(host), port })

/** Closes the hub's own parts at the end, the last one first. */
function endWith(stack: AsyncDisposableStack, hub: Hub): void {
  stack.defer(() => hub.keys.flush())
  stack.use(hub.blobs)
  stack.use(hub.changes)
  stack.use(hub.vitals)
  stack.use(hub.peers)
}

/** Tells the other hubs of the database this one's address and certificate, now and after each change. */
function announceCertificates(cluster: Cluster, serverCertificate: ServerCertificate, url: string): void {
  const announce = ({ certificatePem }: Credentials) =>
    cluster.announce({ url, certificateFingerprint: fingerprintOf(certificatePem), version: HUB_VERSION })
  announce(serverCertificate.current())
  serverCertificate.onChange(announce)
}

type Keys = { identity: SharedIdentity; vault: Vault; authorities: Authorities }

/** Opens all secrets, and the parts that depend on them. */
async function unlock(
  options: OpenHubOptions,
  store: Store,
  signal: AbortSignal,
): Promise<{ ok: true; keys: Keys } | Extract<OpenHubResult, { ok: false }>> {
  const { fileSystem, clock, data, secrets = data, tls, log } = options
  const identified = await openSharedIdentity(store, { fileSystem, path: secrets }, clock.nowMs())
  if (!identified.ok) return identified
  const { identity } = identified
  const vaulted = await openVault(store, encryptionKeysOf(options), log, signal)
  if (!vaulted.ok) return vaulted
  const { vault } = vaulted
  const first = identity.authority
  const authorities = await openAuthorities({ store, vault, first, customerPem: tls?.authorityPem, clock })
  return { ok: true, keys: { identity, vault, authorities } }
}

/**
 * The customer's certificate from its present files, or the hub's own. The hub makes a new one when it is due, or when
 * another authority signs.
 */
function servedWith(options: OpenHubOptions, folder: Folder, authorities: Authorities) {
  const { tls, rereadTls = async () => tls, clock } = options
  if (!tls)
    return () =>
      openServerCredentials(folder, { ...authorities.oldest(), names: serverNames(options), nowMs: clock.nowMs() })
  return async () => {
    const read = await rereadTls()
    if (read) authorities.pin(read.authorityPem)
    return read
  }
}

/**
 * A hub on SQLite is alone. On PostgreSQL it is one of several, and its id begins with the name of its machine, so that
 * people recognise it.
 */
async function openCluster(
  { databaseUrl: url, clock, log }: OpenHubOptions,
  store: Store,
): Promise<{ cluster: Cluster; bus: Bus }> {
  const bus = createBus(log)
  if (url === undefined) {
    const cluster = alone(store, clock.nowMs())
    await store.transaction((tx) => endLinksOf(tx, cluster.hubId, clock.nowMs()))
    return { cluster, bus }
  }
  const hubId = `${hostname()}-${randomBytes(4).toString('hex')}`
  const joined = joinCluster({ url, hubId, store, clock, log }, bus)
  return { cluster: joined, bus: joined.bus }
}

/** The addresses are certain once the ports are open. */
type HubAddress = { url: string; port: number; ddiUrl: string | undefined; registryUrl: string | undefined }

type Parts = Keys & {
  store: Store
  cluster: Cluster
  bus: Bus
  address: HubAddress
  serverCertificate: ServerCertificate
  signal: AbortSignal
}

async function assemble(options: OpenHubOptions, parts: Parts): Promise<Hub> {
  const { store, cluster, bus, identity, vault, authorities, address, serverCertificate, signal } = parts
  const { fileSystem, clock, log, data, random, diskFloorBytes = DISK_FLOOR_BYTES } = options
  const metrics = createMetrics()
  const blobs = await openBlobs({ ...options, diskFloorBytes }, store, metrics)
  const ids = createIdentifiers(randomBytes)
  const staging = await emptyStaging(data)
  return {
    config: hubConfig({
      authorities,
      serverCertificate,
      publicUrl: () => address.url,
      listen: () => ({ host: options.host, port: address.port }),
      ddiUrl: () => address.ddiUrl,
      registryUrl: () => address.registryUrl,
      separateBatchKeys: options.separateBatchKeys ?? false,
      notice: options.notice,
      catalogues: options.catalogues ?? join(data, 'catalogues'),
      git: { folder: join(data, 'git-sources'), root: options.gitRoot, ca: options.webhooks?.ca },
      servedCatalogues: options.servedCatalogues ?? [],
    }),
    store,
    blobs,
    disk: createDisk(fileSystem, data, diskFloorBytes),
    blobGuard: createBlobGuard(),
    ...openPushes(machine()),
    fileRules: { ...FILE_RULES, ...options.fileRules },
    stagingPath: (id) => join(staging, id),
    fileSystem,
    clock,
    random,
    ids,
    nouns: nounFacts,
    log,
    bus,
    cluster,
    peers: openPeers({ cluster, authorities, clock }),
    changes: createChangeFeed({ store, bus, raises: nounFacts.raises, clock, log }),
    watchPlaces: createWatchPlaces(),
    commands: createCommandBoard({ clock, nextId: ids.command, signal }),
    streams: createStreamBoard(signal),
    accessSessions: new Set(),
    looks: createLookBoard({ clock, signal }),
    jobs: createJobBoard(),
    proofs: createProofs(),
    metrics,
    vitals: openVitals({ folder: data, floorBytes: diskFloorBytes, clock }),
    keys: createKeyRing({ store, clock, log, bus }),
    people: createPeople({
      store,
      ids,
      log,
      clock,
      keys: await openPeopleKeys(store.db, { vault, first: identity.authority }),
      mail: options.mail,
      providers: options.providers ?? [],
    }),
    auditLimiter: createAuditLimiter(clock),
    callerLimiter: createCallerLimiter(clock),
    bodies: createBodyThreads(signal),
    devicePacer: createDevicePacer(clock),
    authorities,
    requestQuota: createRequestQuota({ store, clock, bus, cluster }),
    ...identity,
    serverCertificate,
    vault,
    webhooks: createWebhooks({ allowed: [], ...options.webhooks, clock }),
    ownCalls,
    signal,
  }
}

function openPeers({ cluster, authorities, clock }: Pick<Parts, 'cluster' | 'authorities'> & { clock: Clock }) {
  const line = {
    hubId: cluster.hubId,
    clock,
    authority: () => authorities.active().credentials,
    serverAuthorities: () => [authorities.roots(), ...authorities.tlsAuthorities()],
  }
  return createPeers({ cluster, clock, line: createPeerLine(line) })
}

/** By default beside the hub's other keys. */
const encryptionKeysOf = ({ fileSystem, data, secrets = data, encryptionKeys }: OpenHubOptions): KeySource =>
  encryptionKeys ?? fileSource(fileSystem, join(secrets, 'encryption-key'), true)
