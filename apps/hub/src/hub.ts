/**
 * Hub: the parts that every handler and every background loop of the hub receives. It contains plain data and
 * interfaces, and open-hub.ts creates it once.
 */

import type { AccessSessionId, BuildId, VersionId } from '@skerry/contract/values/ids'
import type { KeyPair } from '@skerry/platform/certificates/private-key'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Vitals } from './about/vitals.ts'
import type { AuditLimiter } from './audit/audit-limiter.ts'
import type { Authorities } from './authorities/authorities.ts'
import type { JobBoard } from './batches/job-board.ts'
import type { Proofs } from './batches/signing.ts'
import type { BlobBytes } from './blobs/blob-bytes.ts'
import type { FileRules } from './blobs/blob-collection.ts'
import type { BlobGuard } from './blobs/blob-guard.ts'
import type { Bus } from './bus.ts'
import type { Cluster } from './cluster/cluster.ts'
import type { CommandBoard } from './commands/command-board.ts'
import type { LookBoard } from './commands/looks/look-board.ts'
import type { DevicePacer } from './devices/device-pacer.ts'
import type { Disk } from './disk.ts'
import type { Vault } from './encryption/vault.ts'
import type { GitConfig } from './git-sources/git-program.ts'
import type { CallerLimiter } from './http/admission/caller-limiter.ts'
import type { BodyThreads } from './http/body/body-threads.ts'
import type { OwnCalls } from './http/own-calls.ts'
import type { Identifiers } from './identity/identifiers.ts'
import type { ServerCertificate } from './identity/server-certificate.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { Metrics } from './metrics.ts'
import type { WorkQueue } from './models/work-queue.ts'
import type { NounFacts } from './nouns/noun.ts'
import type { RequestQuota } from './organisations/request-quota.ts'
import type { Peers } from './peers/peers.ts'
import type { People } from './people/people.ts'
import type { Store } from './store/store.ts'
import type { StreamBoard } from './streams/stream-board.ts'
import type { ChangeFeed } from './watch/change-feed.ts'
import type { WatchPlaces } from './watch/watch-places.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

export type HubConfig = {
  version: string
  /** The URL at which devices and people reach the hub; join tokens contain it. It is certain once the port is open. */
  publicUrl(): string
  /** Where its port is open, as the option `--listen` says. */
  listen(): { host: string; port: number }
  /** PEM of the authority that clients pin: the hub's own, or the customer's. */
  readonly caPem: string
  /** SHA-256 of that certificate (DER), hex. */
  readonly caFingerprint: string
  /** PEM of the certificate that the hub shows to each client. */
  readonly serverCertificatePem: string
  /** The end of the certificate that the hub serves with; undefined if it cannot be read. */
  readonly certificateNotAfterMs: number | undefined
  /** The earliest end of the authorities that devices depend on. */
  readonly authorityNotAfterMs: number | undefined
  /** The key that creates a batch may not sign it, and neither of them may send it. */
  separateBatchKeys: boolean
  /** The notice that each person sees before they sign in. */
  notice: string | undefined
  /** The folder with catalogues of the marketplace, each in a folder of its name. */
  catalogues: string
  git: GitConfig
  /** Everybody who reaches the hub may mirror them. */
  servedCatalogues: readonly string[]
  /** The address at which devices without an agent poll this hub; undefined if it has no DDI port. */
  ddiUrl(): string | undefined
  /** The address of the port for container tools; undefined if it has none. */
  registryUrl(): string | undefined
}

export type Hub = {
  readonly config: HubConfig
  readonly store: Store
  readonly blobs: BlobBytes
  /** The disk with the data folder: the hub stops writing before its last free space is used up. */
  readonly disk: Disk
  readonly blobGuard: BlobGuard
  readonly fileRules: FileRules
  /** A few simultaneous pushes: each may take `trialBytes` of memory and a minute. */
  readonly pushQueue: WorkQueue
  /** The memory limit of a process that tries a pushed model. */
  readonly trialBytes: number
  /** The path at which the files of a pushed version, or of one that is optimised, are laid out. */
  stagingPath(id: VersionId | BuildId): string
  readonly fileSystem: FileSystem
  readonly clock: Clock
  /** A number in [0, 1), for jitter only. */
  readonly random: () => number
  readonly ids: Identifiers
  /** The facts that all nouns contribute (nouns.ts). */
  readonly nouns: NounFacts
  readonly log: Log
  readonly bus: Bus
  /** The hubs on this database. */
  readonly cluster: Pick<Cluster, 'hubId' | 'isShared' | 'isLeading' | 'members'>
  /** Requests to the other hubs. */
  readonly peers: Peers
  readonly changes: ChangeFeed
  /** The number of open streams. */
  readonly watchPlaces: WatchPlaces
  /** The open commands to devices. */
  readonly commands: CommandBoard
  /** The open streams of bytes to devices. */
  readonly streams: StreamBoard
  /** The sessions of remote access that are open at this hub. */
  readonly accessSessions: Set<AccessSessionId>
  /** The objects on devices that people watch now. */
  readonly looks: LookBoard
  /** The devices that can receive jobs of batches now. */
  readonly jobs: JobBoard
  /** Proofs that a device belongs to a signed batch. */
  readonly proofs: Proofs
  readonly metrics: Metrics
  readonly vitals: Vitals
  readonly keys: KeyRing
  readonly people: People
  readonly auditLimiter: AuditLimiter
  readonly callerLimiter: CallerLimiter
  /** Parses large bodies outside the main thread. */
  readonly bodies: BodyThreads
  /** Rejects the calls of a device that come too soon. */
  readonly devicePacer: DevicePacer
  /** The authority that signs the certificates of devices, and the authorities that count. */
  readonly authorities: Authorities
  readonly requestQuota: RequestQuota
  /** The certificate that the hub serves with; renewed while it runs. */
  readonly serverCertificate: ServerCertificate
  /** The key that signs the versions of models. */
  readonly signing: KeyPair
  /** Encrypts secret values in the database. */
  readonly vault: Vault
  /** The key that signs checkpoints of the audit trail only. */
  readonly auditKey: KeyPair
  readonly webhooks: Webhooks
  /** Calls of the hub to itself, with a key, through the same checks as all others. */
  readonly ownCalls: OwnCalls
  /** Fires when the hub begins to shut down. */
  readonly signal: AbortSignal
}
