/**
 * Blob bytes: the store of the bytes of blobs. It is a folder of the hub (folder-blobs.ts), or a bucket that several
 * hubs share (s3-blobs.ts). One suite of tests holds both to the same promises (blob-bytes-conformance.test.ts).
 *
 * Promises: a digest has exactly its bytes or no bytes, even if a hub crashes. Adding bytes that exist already changes
 * nothing. If a store cannot do something now, it throws a problem that says so (`hub_unavailable`, `storage_full`). It
 * never reports the blob as missing.
 */
import type { Digest } from '@skerry/contract/values/digest'
import type { UploadId } from '@skerry/contract/values/ids'
import type { BlobEntry, VerifyResult } from '@skerry/platform/blobs/blob-folder'
import type { ByteRange } from '@skerry/platform/files/file-system'

export type BlobBytes = AsyncDisposable & {
  /** The folder or the bucket, as a text for people. */
  readonly place: string
  /** Undefined if the blob does not exist in the store. */
  sizeOf(digest: Digest, signal: AbortSignal): Promise<number | undefined>
  /** The bytes from `start` to `end`, both included, as fast as the reader takes them. They are not verified. */
  read(digest: Digest, range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** The same for a reader that is done with a piece when it asks for the next but one: its memory is used again. */
  pieces(digest: Digest, range: Required<ByteRange>, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Adds a blob that is small enough to be held in memory. */
  put(digest: Digest, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /**
   * Makes the blob a file at `path`, in an existing folder. The bytes are verified now, or were verified at their
   * upload. Callers must not write to it.
   */
  layOut(digest: Digest, path: string, signal: AbortSignal): Promise<VerifyResult>
  /** Reads the blob again. Sets a damaged one aside, so that it is no longer served and can be uploaded again. */
  verify(digest: Digest, signal: AbortSignal): Promise<VerifyResult>
  /** All blobs, in any order. */
  list(signal: AbortSignal): AsyncIterable<BlobEntry>
  /** Removes a blob; it tolerates a missing one. */
  remove(digest: Digest, signal: AbortSignal): Promise<void>
  /** A small file beside the blobs that is no blob itself. Undefined if it is missing. */
  readNote(name: string, signal: AbortSignal): Promise<Uint8Array | undefined>
  /** Replaces the file. After a crash, either the old or the new bytes are there. */
  writeNote(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** Removes the file; it tolerates a missing one. */
  removeNote(name: string, signal: AbortSignal): Promise<void>
  /** Whether the store probably has room for so many more bytes. */
  hasRoomFor(sizeBytes: number): Promise<boolean>
  /** Checks whether the store answers; if not, says why. For `/readyz`. */
  probe(signal: AbortSignal): Promise<{ ok: true } | { ok: false; message: string }>
  readonly incoming: IncomingBlobs
}

/** Blobs that are still arriving, piece by piece, possibly through several connections, restarts and hubs. */
export type IncomingBlobs = {
  /** The number of stored bytes, at which the upload continues. */
  offsetOf(id: UploadId, signal: AbortSignal): Promise<number>
  /** Opens the upload at its present end. Undefined while another request of this hub has it open. */
  open(id: UploadId, target: IncomingTarget, signal: AbortSignal): Promise<IncomingBlob | undefined>
  /** Removes the bytes of all other uploads; returns the number of removed ones. */
  sweep(known: ReadonlySet<string>, signal: AbortSignal): Promise<number>
}

/**
 * If the digest is unknown until the end, the first calls name any digest that no blob has, always the same one, and the
 * last call names the right one.
 */
export type IncomingTarget = { digest: Digest; sizeBytes: number }

/** An open upload. Calls follow one another. Dispose it to release it. */
export type IncomingBlob = AsyncDisposable & {
  readonly sizeBytes: number
  /** Adds bytes at the end. Throws a problem if it cannot store them; earlier bytes stay. */
  append(bytes: Uint8Array): Promise<void>
  /** Stores the received bytes, so that another hub, or this one after a restart, can continue here. */
  keep(): Promise<void>
  /**
   * Makes the upload a blob, verified and durable. If the digest is wrong, all bytes are removed. If the store fails,
   * it throws a problem, and the commit can be repeated.
   */
  commit(): Promise<CommitVerdict>
}

export type CommitVerdict = { ok: true } | { ok: false; code: 'upload_digest_wrong'; message: string }
