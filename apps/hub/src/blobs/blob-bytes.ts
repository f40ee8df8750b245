/**
 * Blob bytes: where the bytes of blobs lie. A folder of the hub's own (folder-blobs.ts), or a bucket that several hubs share
 * (s3-blobs.ts); one suite of tests holds both to the same promises (blob-bytes-conformance.test.ts).
 *
 * Promises: under a digest there are exactly its bytes, or nothing, whenever and wherever a hub ends. Adding what is there already changes
 * nothing. What a store cannot do now is thrown as a problem that says so (`hub_unavailable`, `storage_full`), never as a missing blob.
 */
import type { Digest } from '@skerry/contract/values/digest'
import type { UploadId } from '@skerry/contract/values/ids'
import type { BlobEntry, VerifyResult } from '@skerry/platform/blobs/blob-folder'
import type { ByteRange } from '@skerry/platform/files/file-system'

export type BlobBytes = AsyncDisposable & {
  /** The folder or the bucket, for people. */
  readonly place: string
  /** Undefined when the blob is not here. */
  sizeOf(digest: Digest, signal: AbortSignal): Promise<number | undefined>
  /** The bytes from `start` to `end`, both included, as fast as they are taken. They are not verified. */
  read(digest: Digest, range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Adds a blob that is small enough to be held in memory. */
  put(digest: Digest, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Makes the blob a file at `path`, in a folder that exists; its bytes are verified or were when they came. Nobody may write there. */
  layOut(digest: Digest, path: string, signal: AbortSignal): Promise<VerifyResult>
  /** Reads the blob again. A damaged one is set aside, so that it is no longer served and can come anew. */
  verify(digest: Digest, signal: AbortSignal): Promise<VerifyResult>
  /** All blobs, in no order that means anything. */
  list(signal: AbortSignal): AsyncIterable<BlobEntry>
  /** Removes a blob; a missing one is fine. */
  remove(digest: Digest, signal: AbortSignal): Promise<void>
  /** A small file beside the blobs that is no blob itself. Undefined when it is missing. */
  readNote(name: string, signal: AbortSignal): Promise<Uint8Array | undefined>
  /** Replaces it; after a crash the old bytes or the new ones are there. */
  writeNote(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Whether so many bytes more can come, as far as can be known beforehand. */
  hasRoomFor(sizeBytes: number): Promise<boolean>
  /** Whether the store answers; in words where not. For `/readyz`. */
  probe(signal: AbortSignal): Promise<{ ok: true } | { ok: false; message: string }>
  readonly incoming: IncomingBlobs
}

/** Blobs that are still arriving, piece by piece, possibly over many connections, restarts and hubs. */
export type IncomingBlobs = {
  /** How many bytes are kept: where to go on. */
  offsetOf(id: UploadId, signal: AbortSignal): Promise<number>
  /** Opens it where it was left. Undefined while another request of this hub is at it. */
  open(id: UploadId, target: IncomingTarget, signal: AbortSignal): Promise<IncomingBlob | undefined>
  /** Removes what belongs to none of those; gives how many went. */
  sweep(known: ReadonlySet<string>, signal: AbortSignal): Promise<number>
}

export type IncomingTarget = { digest: Digest; sizeBytes: number }

/** One that is open. Calls follow one another. Dispose it to give it back. */
export type IncomingBlob = AsyncDisposable & {
  readonly sizeBytes: number
  /** Adds bytes at the end. Throws a problem where they cannot be taken; what came before them stays. */
  append(bytes: Uint8Array): Promise<void>
  /** Keeps what has come, so that another hub, or this one after a restart, goes on from here. */
  keep(): Promise<void>
  /** Makes it a blob, verified and durable. Without success nothing is left of it, or a problem is thrown and it can be tried again. */
  commit(): Promise<CommitVerdict>
}

export type CommitVerdict = { ok: true } | { ok: false; code: 'upload_digest_wrong'; message: string }
