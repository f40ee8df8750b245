/** Tables of blobs that arrive at a bucket or are removed from it, for the agreement of several hubs. */
import type { Digest } from '@skerry/contract/values/digest'
import type { UploadId } from '@skerry/contract/values/ids'

export type IncomingTable = {
  upload_id: UploadId
  digest: Digest
  /** The store's own id for the parts; null until there is one. */
  store_upload_id: string | null
  /** The highest number of a part or a remainder so far. */
  last_number: number
  offset_bytes: number
  /** The state of the sha256 over bytes [0, offset), with which hashing continues (resumable-hash.ts). */
  hash_state: string
  /** The object with the bytes behind the last part; null if there are none. */
  remainder_number: number | null
}

export type IncomingPartTable = { upload_id: UploadId; number: number; etag: string; size_bytes: number }

/** A blob whose bytes are being removed. A caller that wants to add it waits until they are removed. */
export type BlobRemovalTable = { digest: Digest; since_ms: number }

export type IncomingTables = {
  incoming_blobs: IncomingTable
  incoming_parts: IncomingPartTable
  blob_removals: BlobRemovalTable
}
