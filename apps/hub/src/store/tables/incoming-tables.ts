/** Tables of blobs that arrive at a bucket, and of those that leave it: what several hubs must agree on. */
import type { Digest } from '@skerry/contract/values/digest'
import type { UploadId } from '@skerry/contract/values/ids'

export type IncomingTable = {
  upload_id: UploadId
  digest: Digest
  /** The store's own id for the parts; null until there is one. */
  store_upload_id: string | null
  /** The highest number that was given to a part or a remainder. */
  last_number: number
  offset_bytes: number
  /** The sha256 of bytes [0, offset), to be gone on with (resumable-hash.ts). */
  hash_state: string
  /** The object with the bytes behind the last part; null where there are none. */
  remainder_number: number | null
}

export type IncomingPartTable = { upload_id: UploadId; number: number; etag: string; size_bytes: number }

/** A blob whose bytes are being removed: whoever wants to add it waits until they are gone. */
export type BlobRemovalTable = { digest: Digest; since_ms: number }

export type IncomingTables = {
  incoming_blobs: IncomingTable
  incoming_parts: IncomingPartTable
  blob_removals: BlobRemovalTable
}
