/**
 * S3 incoming: blobs that arrive at a bucket piece by piece. No hub keeps a state of its own, so any hub can continue.
 * Pieces become parts of one multipart upload to the blob's own key. A remainder that is too small for a part is stored
 * as an object. The ledger has the list of parts and the sha256 so far. The hub joins the parts only after the digest
 * of all bytes was found right. Then the key appears.
 *
 *     piece ─▶ 8 MiB full? ─▶ reserve number ─▶ send part ─▶ record (offset, ETag, hash)
 *     end of piece ─▶ the same for the remainder
 *     last byte ─▶ digest right? ─▶ join the parts
 */
import type { UploadId } from '@skerry/contract/values/ids'
import { openResumableHasher, type ResumableHasher } from '@skerry/platform/blobs/resumable-hash'
import type { Log } from '@skerry/platform/process/log'
import { problem } from '../http/problem.ts'
import type { Incoming, IncomingLedger, IncomingStep } from '../uploads/incoming-ledger.ts'
import type { CommitVerdict, IncomingBlob, IncomingBlobs, IncomingTarget } from './blob-bytes.ts'
import type { S3Bucket } from './s3-bucket.ts'
import type { StraySweep } from './s3-strays.ts'

export type S3IncomingDeps = {
  bucket: S3Bucket
  ledger: IncomingLedger
  log: Log
  keyOf(digest: IncomingTarget['digest']): string
  readAll(key: string, signal: AbortSignal): Promise<Buffer>
  strays: StraySweep
}

/**
 * [S3 limits] Each part except the last has at least 5 MiB, and there are 10,000 numbers: 16 GiB take 2,048 of these.
 */
export const PART_BYTES = 8 * 1024 * 1024

/** Each upload holds up to two parts in memory: 256 MiB. */
const OPEN_MAX = 16

/** The part numbers that a store knows. Beyond them the same upload was tried too often. */
const NUMBER_MAX = 10_000

/** Creates the entry point; callers may use `open` at once. */
export function createS3Incoming(deps: S3IncomingDeps): IncomingBlobs {
  const busy = new Set<UploadId>()
  return {
    async offsetOf(id) {
      return (await deps.ledger.find(id))?.offset_bytes ?? 0
    },
    async open(id, target, signal) {
      if (busy.has(id)) return undefined
      if (busy.size >= OPEN_MAX) throw problem('hub_unavailable', `${OPEN_MAX} uploads are arriving; try again shortly`)
      busy.add(id)
      try {
        return await openOne(deps, { id, target, release: () => busy.delete(id) }, signal)
      } catch (error) {
        busy.delete(id)
        throw error
      }
    },
    async sweep(known, signal) {
      let removed = 0
      for (const row of await deps.ledger.all()) {
        if (known.has(row.upload_id) || busy.has(row.upload_id)) continue
        await drop(deps, row, signal)
        removed += 1
      }
      return removed + (await deps.strays.sweep(signal))
    },
  }
}

const remainderKey = (id: UploadId, number: number) => `incoming/${id}/${number}`

/**
 * Drops the parts in the store, then deletes the record. If the store cannot drop parts, the hub logs it, and a
 * lifecycle rule of the bucket removes them.
 */
async function drop({ bucket, ledger, log, keyOf }: S3IncomingDeps, row: Omit<Incoming, 'parts'>, signal: AbortSignal) {
  const id = row.upload_id
  if (row.remainder_number !== null) await bucket.remove(remainderKey(id, row.remainder_number), signal)
  if (row.store_upload_id !== null) {
    await bucket.dropParts(keyOf(row.digest), row.store_upload_id, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      log.warn('parts_not_dropped', { id, error })
    })
  }
  await ledger.forget(id)
}

type Opening = { id: UploadId; target: IncomingTarget; release: () => void }

async function openOne(deps: S3IncomingDeps, opening: Opening, signal: AbortSignal): Promise<IncomingBlob> {
  const { id, target } = opening
  let known = await deps.ledger.find(id)
  if (!known) {
    const hashState = (await openResumableHasher()).save()
    await deps.ledger.begin({ id, digest: target.digest, hashState })
    known = await deps.ledger.find(id)
  }
  if (!known) throw problem('upload_unknown')
  const hasher = await openResumableHasher(known.hash_state)
  const { remainder_number: number } = known
  const remainder = number === null ? undefined : await deps.readAll(remainderKey(id, number), signal)
  return new S3Incoming(deps, opening, { known, hasher, remainder }, signal)
}

/**
 * An open upload.
 *
 * Invariants: `#recorded` bytes are in the store and the ledger. `#waiting` holds the bytes behind the last part; the
 * first `#kept` of them are recorded as the remainder. `#hasher` has hashed everything up to the end of `#waiting`.
 */
class S3Incoming implements IncomingBlob {
  readonly #deps: S3IncomingDeps
  readonly #opening: Opening
  readonly #hasher: ResumableHasher
  readonly #signal: AbortSignal
  #known: Incoming
  #waiting: Buffer[]
  #waitingBytes: number
  #sizeBytes: number

  constructor(
    deps: S3IncomingDeps,
    opening: Opening,
    state: { known: Incoming; hasher: ResumableHasher; remainder: Buffer | undefined },
    signal: AbortSignal,
  ) {
    this.#deps = deps
    this.#opening = opening
    this.#known = state.known
    this.#hasher = state.hasher
    this.#signal = signal
    this.#waiting = state.remainder ? [state.remainder] : []
    this.#waitingBytes = state.remainder?.length ?? 0
    this.#sizeBytes = state.known.offset_bytes
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; ) {
      const piece = bytes.subarray(start, start + PART_BYTES - this.#waitingBytes)
      this.#hasher.update(piece)
      this.#waiting.push(Buffer.from(piece))
      this.#waitingBytes += piece.length
      this.#sizeBytes += piece.length
      start += piece.length
      if (this.#waitingBytes === PART_BYTES) await this.#sendPart()
    }
  }

  async keep(): Promise<void> {
    if (this.#known.offset_bytes === this.#sizeBytes) return
    const number = await this.#reserve()
    await this.#deps.bucket.put(remainderKey(this.#opening.id, number), Buffer.concat(this.#waiting), this.#signal)
    await this.#record({ remainder: number })
  }

  async commit(): Promise<CommitVerdict> {
    const { digest } = this.#opening.target
    const found = this.#hasher.digest()
    if (found !== digest) {
      return {
        ok: false,
        code: 'upload_digest_wrong',
        message: `the bytes are ${found}, not ${digest}; send them again`,
      }
    }
    await (this.#known.parts.length === 0 ? this.#putWhole() : this.#join())
    await this.#moveToDigest()
    await this.#forget()
    return { ok: true }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#opening.release()
  }

  async #sendPart(): Promise<void> {
    const { bucket, ledger } = this.#deps
    const { id } = this.#opening
    const bytes = Buffer.concat(this.#waiting)
    const known = this.#known
    if (known.store_upload_id === null) {
      // If two hubs begin at once, one drops its upload. If a hub dies here, nobody knows its upload, and the stray
      // sweep removes it.
      const begun = await bucket.beginParts(this.#key, this.#signal)
      const agreed = await ledger.agree(id, begun)
      if (agreed === undefined) throw MOVED()
      if (agreed !== begun) await bucket.dropParts(this.#key, begun, this.#signal).catch(() => undefined)
      known.store_upload_id = agreed
    }
    const number = await this.#reserve()
    const part = { uploadId: known.store_upload_id, number, bytes }
    const etag = await bucket.putPart(this.#key, part, this.#signal)
    await this.#record({ remainder: null, part: { number, etag, sizeBytes: bytes.length } })
    known.parts.push({ upload_id: id, number, etag, size_bytes: bytes.length })
    this.#waiting = []
    this.#waitingBytes = 0
  }

  async #reserve(): Promise<number> {
    const number = await this.#deps.ledger.reserve(this.#opening.id, this.#known.offset_bytes)
    if (number === undefined) throw MOVED()
    if (number <= NUMBER_MAX) return number
    await this.#beginAgain()
    throw problem('hub_unavailable', 'this upload failed too often; it starts again from 0')
  }

  async #record(step: Pick<IncomingStep, 'part' | 'remainder'>): Promise<void> {
    const { id } = this.#opening
    const known = this.#known
    const to = this.#sizeBytes
    const before = known.remainder_number
    const hashState = this.#hasher.save()
    const isMine = await this.#deps.ledger.record({ id, from: known.offset_bytes, to, hashState, ...step })
    if (!isMine) throw MOVED()
    known.offset_bytes = to
    known.remainder_number = step.remainder
    if (before !== null) await this.#removeRemainder(before)
  }

  /** The bytes fit one call. They are verified, so the key may appear. */
  async #putWhole(): Promise<void> {
    const key = this.#deps.keyOf(this.#opening.target.digest)
    await this.#deps.bucket.put(key, Buffer.concat(this.#waiting), this.#signal)
  }

  async #join(): Promise<void> {
    if (this.#waitingBytes > 0) await this.#sendPart()
    const { bucket } = this.#deps
    const { store_upload_id: uploadId, parts } = this.#known
    if (uploadId === null) throw new Error(`upload ${this.#opening.id} has parts and no upload`)
    const joined = await bucket.joinParts(this.#key, uploadId, parts, this.#signal).catch((error: unknown) => {
      this.#signal.throwIfAborted()
      return { error }
    })
    if (joined === 'joined' || (await this.#isThere())) return
    if (joined !== 'gone') throw joined.error
    await this.#beginAgain()
    throw problem('hub_unavailable', 'the store lost the received part of this upload; it starts again from 0')
  }

  /**
   * The answer to an earlier try may have been lost. An object under the key was verified before it was stored there.
   */
  async #isThere(): Promise<boolean> {
    const found = await this.#deps.bucket.head(this.#key, this.#signal)
    return found?.sizeBytes === this.#sizeBytes
  }

  /** The digest was unknown when the first part was sent, so the parts were joined at another key. */
  async #moveToDigest(): Promise<void> {
    const { bucket, keyOf } = this.#deps
    const { digest } = this.#opening.target
    if (digest === this.#known.digest || this.#known.parts.length === 0) return
    await bucket.copy(this.#key, keyOf(digest), this.#signal)
    await bucket.remove(this.#key, this.#signal)
  }

  async #beginAgain(): Promise<void> {
    await drop(this.#deps, this.#known, this.#signal)
  }

  /** The blob exists. Its parts and records are no longer needed; if this removal fails, the sweep does it. */
  async #forget(): Promise<void> {
    const { remainder_number: number } = this.#known
    if (number !== null) await this.#removeRemainder(number)
    await this.#deps.ledger.forget(this.#opening.id)
  }

  async #removeRemainder(number: number): Promise<void> {
    const { bucket, log } = this.#deps
    const { id } = this.#opening
    await bucket
      .remove(remainderKey(id, number), this.#signal)
      .catch((error: unknown) => log.warn('remainder_not_removed', { id, number, error }))
  }

  get #key(): string {
    return this.#deps.keyOf(this.#known.digest)
  }
}

const MOVED = () => problem('upload_offset_wrong', 'another request continued this upload; fetch its current offset')
