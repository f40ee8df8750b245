/** Hub: what every handler and every background loop of the hub is given. Plain data and doors; made once, in open-hub.ts. */

import type { VersionId } from '@skerry/contract/ids'
import type { BlobFolder } from '@skerry/platform/blob-folder'
import type { Credentials } from '@skerry/platform/certificate-authority'
import type { Clock } from '@skerry/platform/clock'
import type { FileSystem } from '@skerry/platform/file-system'
import type { Log } from '@skerry/platform/log'
import type { KeyPair } from '@skerry/platform/private-key'
import type { AuditLimiter } from './audit/audit-limiter.ts'
import type { BlobGuard } from './blobs/blob-guard.ts'
import type { Bus } from './bus.ts'
import type { CallerLimiter } from './http/caller-limiter.ts'
import type { Identifiers } from './identifiers.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { ItemWatcher } from './link/item-watcher.ts'
import type { Metrics } from './metrics.ts'
import type { WorkQueue } from './models/work-queue.ts'
import type { Store } from './store/store.ts'
import type { OpenParts } from './uploads/open-parts.ts'
import type { ChangeFeed } from './watch/change-feed.ts'

export type HubConfig = {
  version: string
  /** Where devices and people reach the hub; join tokens carry it. Known for sure once the port is open. */
  publicUrl(): string
  /** PEM of the authority that clients pin: the hub's own, or the customer's. */
  caPem: string
  /** SHA-256 of that certificate (DER), hex. */
  caFingerprint: string
}

export type Hub = {
  readonly config: HubConfig
  readonly store: Store
  readonly blobs: BlobFolder
  readonly blobGuard: BlobGuard
  readonly openParts: OpenParts
  /** Pushes one after the other: each may take two gigabytes and a minute. */
  readonly pushQueue: WorkQueue
  /** Where the files of a version that is being pushed are laid out. */
  stagingPath(id: VersionId): string
  readonly fileSystem: FileSystem
  readonly clock: Clock
  /** In [0, 1). For jitter only. */
  readonly random: () => number
  readonly ids: Identifiers
  readonly log: Log
  readonly bus: Bus
  readonly changes: ChangeFeed
  readonly metrics: Metrics
  readonly keys: KeyRing
  readonly auditLimiter: AuditLimiter
  readonly callerLimiter: CallerLimiter
  /** Signs the certificates of devices. */
  readonly authority: Credentials
  /** Signs the versions of models. */
  readonly signing: KeyPair
  /** Called, inside the transaction that stores them, with the devices whose reported items changed. */
  readonly itemWatchers: ItemWatcher[]
  /** Fires when the hub begins to shut down. */
  readonly signal: AbortSignal
}
