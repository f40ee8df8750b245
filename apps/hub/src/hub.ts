/** Hub: what every handler and every background loop of the hub is given. Plain data and doors; made once, in open-hub.ts. */

import type { VersionId } from '@skerry/contract/values/ids'
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
import type { CallerLimiter } from './http/admission/caller-limiter.ts'
import type { BodyThreads } from './http/body/body-threads.ts'
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
import type { ChangeFeed } from './watch/change-feed.ts'
import type { WatchPlaces } from './watch/watch-places.ts'
import type { Webhooks } from './webhooks/webhooks.ts'

export type HubConfig = {
  version: string
  /** Where devices and people reach the hub; join tokens carry it. Known for sure once the port is open. */
  publicUrl(): string
  /** PEM of the authority that clients pin: the hub's own, or the customer's. */
  readonly caPem: string
  /** SHA-256 of that certificate (DER), hex. */
  readonly caFingerprint: string
  /** PEM of what the hub shows to whoever connects. */
  readonly serverCertificatePem: string
  /** When the certificate that the hub serves with ends; undefined where it cannot be read. */
  readonly certificateNotAfterMs: number | undefined
  /** When the first of those does that devices depend on. */
  readonly authorityNotAfterMs: number | undefined
  /** Whoever creates a batch may not sign it, and neither may send it. */
  separateBatchKeys: boolean
  /** What everybody is told before they sign in. */
  notice: string | undefined
}

export type Hub = {
  readonly config: HubConfig
  readonly store: Store
  readonly blobs: BlobBytes
  /** The disk with the data folder: what is written there stops before its last free space is used up. */
  readonly disk: Disk
  readonly blobGuard: BlobGuard
  readonly fileRules: FileRules
  /** Pushes, a few at a time: each may take `trialBytes` and a minute. */
  readonly pushQueue: WorkQueue
  /** So much memory may the process take that tries a pushed model. */
  readonly trialBytes: number
  /** Where the files of a version that is being pushed are laid out. */
  stagingPath(id: VersionId): string
  readonly fileSystem: FileSystem
  readonly clock: Clock
  /** In [0, 1). For jitter only. */
  readonly random: () => number
  readonly ids: Identifiers
  /** The facts that all nouns contribute (nouns.ts). */
  readonly nouns: NounFacts
  readonly log: Log
  readonly bus: Bus
  /** The hubs on this database. */
  readonly cluster: Pick<Cluster, 'hubId' | 'isShared' | 'isLeading' | 'members'>
  /** What the others are asked. */
  readonly peers: Peers
  readonly changes: ChangeFeed
  /** How many streams are open. */
  readonly watchPlaces: WatchPlaces
  /** What is being asked of devices right now. */
  readonly commands: CommandBoard
  /** What people watch on devices right now. */
  readonly looks: LookBoard
  /** Who can be told of batches right now. */
  readonly jobs: JobBoard
  /** That devices are those that a batch is signed for. */
  readonly proofs: Proofs
  readonly metrics: Metrics
  readonly vitals: Vitals
  readonly keys: KeyRing
  readonly people: People
  readonly auditLimiter: AuditLimiter
  readonly callerLimiter: CallerLimiter
  /** Parses large bodies beside all else. */
  readonly bodies: BodyThreads
  /** Rejects the calls of a device that come too soon. */
  readonly devicePacer: DevicePacer
  /** Who signs the certificates of devices, and whose count. */
  readonly authorities: Authorities
  readonly requestQuota: RequestQuota
  /** What the hub serves with; renewed while it runs. */
  readonly serverCertificate: ServerCertificate
  /** Signs the versions of models. */
  readonly signing: KeyPair
  /** Encrypts what the database must not tell. */
  readonly vault: Vault
  /** Signs checkpoints of the audit trail, and nothing else. */
  readonly auditKey: KeyPair
  readonly webhooks: Webhooks
  /** Fires when the hub begins to shut down. */
  readonly signal: AbortSignal
}
