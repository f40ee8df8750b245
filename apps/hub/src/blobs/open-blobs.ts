/** Open blobs: the folder of the hub, or the bucket that it was told of. */
import { join } from 'node:path'
import type { FileSystem } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { createDisk } from '../disk.ts'
import type { Metrics } from '../metrics.ts'
import type { Store } from '../store/store.ts'
import { createIncomingLedger } from '../uploads/incoming-ledger.ts'
import type { BlobBytes } from './blob-bytes.ts'
import { openFolderBlobs } from './folder-blobs.ts'
import type { S3BlobsOptions } from './s3-blobs.ts'
import type { S3Location } from './s3-location.ts'

export type OpenBlobsOptions = {
  data: string
  fileSystem: FileSystem
  clock: Clock
  random: () => number
  log: Log
  diskFloorBytes: number
  s3?: S3Location | undefined
  s3Limits?: S3BlobsOptions['limits']
}

/** The client of S3 is large, and most hubs do without. */
export async function openBlobs(options: OpenBlobsOptions, store: Store, metrics: Metrics): Promise<BlobBytes> {
  const { fileSystem, data, clock, random, log, s3, s3Limits, diskFloorBytes } = options
  if (!s3) return openFolderBlobs({ fileSystem, path: join(data, 'blobs'), freeBytesMin: diskFloorBytes, clock })
  const { openS3Blobs } = await import('./s3-blobs.ts')
  const { hasRoomFor } = createDisk(fileSystem, data, diskFloorBytes)
  const ledger = createIncomingLedger(store)
  const limits = s3Limits && { limits: s3Limits }
  const onTrouble = (operation: string, kind: string) => metrics.s3Failures.inc({ operation, kind })
  const disk = { fileSystem, hasRoomOnDisk: hasRoomFor }
  return openS3Blobs({ location: s3, ledger, ...disk, clock, random, log, onTrouble, ...limits })
}
