/**
 * Registry uploads: blobs that arrive without a known digest, whole or in chunks. The client states the digest at the
 * end, and the bytes become a blob of the organisation then.
 */
import type { Repository } from '@skerry/contract/registry/registry'
import type { Digest } from '@skerry/contract/values/digest'
import type { UploadId } from '@skerry/contract/values/ids'
import { digestOf } from '@skerry/platform/files/hash'
import { appendAudit } from '../audit/audit-store.ts'
import type { IncomingBlob } from '../blobs/blob-bytes.ts'
import { findBlob, holdBlob, refuseRemoved, touchBlobs } from '../blobs/blob-store.ts'
import { isProblem, problem, throwProblem } from '../http/problem.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import { RegistryError } from './registry-errors.ts'
import type { RegistryCall } from './registry-guard.ts'
import {
  countRegistryUploads,
  deleteRegistryUpload,
  findRegistryUpload,
  insertRegistryUpload,
  reserveRegistryUpload,
} from './registry-upload-store.ts'

/** The largest file of a version, too. [S3 API, CopyObject] In a bucket a blob of a registry has at most 5 GiB. */
const BLOB_BYTES_MAX = 16 * 1024 ** 3

/** A push of an image sends some layers at once. Several people push at the same time. */
const OPEN_UPLOADS_MAX = 64

/** A body of unknown length gets room in such steps, so it stops soon after the quota or the disk is full. */
const ROOM_STEP_BYTES = 1024 ** 2

/** A large layer over a bad line may take a night. */
const UPLOAD_LIFE_MS = 86_400_000

export type Chunk = {
  body: AsyncIterable<Uint8Array>
  /** The announced length of the body, if the client announced one. */
  announcedBytes: number | undefined
  /** [Distribution 1.1, end-5] The place of the first byte, if the client states it. */
  startByte: number | undefined
}

type Place = { repository: Repository; id: UploadId }

/** Begins an upload. */
export async function beginUpload(call: RegistryCall, repository: Repository): Promise<UploadId> {
  const { hub, organisationId } = call
  const nowMs = hub.clock.nowMs()
  const id = hub.ids.upload()
  await hub.store.transaction(async (tx) => {
    if ((await countRegistryUploads(tx, organisationId)) >= OPEN_UPLOADS_MAX) {
      throw problem('rate_limited', `${OPEN_UPLOADS_MAX} uploads are open; finish some, or wait until they expire`)
    }
    await insertRegistryUpload(tx, {
      id,
      organisation_id: organisationId,
      repository,
      created_at_ms: nowMs,
      expires_at_ms: nowMs + UPLOAD_LIFE_MS,
      reserved_bytes: 0,
    })
  })
  return id
}

/** The number of received bytes. */
export async function uploadOffset(call: RegistryCall, place: Place): Promise<number> {
  await requireUpload(call, place)
  return call.hub.blobs.incoming.offsetOf(place.id, call.hub.signal)
}

/** Deletes the upload. */
export async function cancelUpload(call: RegistryCall, place: Place): Promise<void> {
  await requireUpload(call, place)
  await call.hub.store.transaction((tx) => deleteRegistryUpload(tx, place.id))
}

/** Appends the chunk. Returns the number of received bytes. */
export async function appendChunk(call: RegistryCall, place: Place, chunk: Chunk): Promise<number> {
  await requireUpload(call, place)
  await using incoming = await openIncoming(call, place, placeholderOf(place.id))
  await appendAll(call, place.id, incoming, chunk)
  await incoming.keep()
  await call.hub.store.transaction((tx) => reserveRegistryUpload(tx, place.id, incoming.sizeBytes))
  return incoming.sizeBytes
}

/** Appends the last chunk, which may be empty, and makes the upload a blob. */
export async function finishUpload(call: RegistryCall, place: Place, digest: Digest, chunk: Chunk): Promise<void> {
  await requireUpload(call, place)
  await using incoming = await openIncoming(call, place, digest)
  await appendAll(call, place.id, incoming, chunk)
  await commitBlob(call, place.id, digest, incoming)
}

/** [Distribution 1.1, end-11] Whether the organisation has the blob already. It needs no second upload then. */
export async function mountBlob({ hub, organisationId }: RegistryCall, digest: Digest): Promise<boolean> {
  return hub.store.transaction(async (tx) => {
    const blob = await findBlob(tx, organisationId, digest)
    if (!blob || blob.damaged_at_ms !== null) return false
    await touchBlobs(tx, { organisationId, digests: [digest], nowMs: hub.clock.nowMs() })
    return true
  })
}

async function requireUpload({ hub, organisationId }: RegistryCall, { repository, id }: Place): Promise<void> {
  const nowMs = hub.clock.nowMs()
  const row = await findRegistryUpload(hub.store.db, { organisationId, repository, id, nowMs })
  if (!row) throw problem('upload_unknown')
}

/** A digest that no blob has, until the client states the right one. */
const placeholderOf = (id: UploadId): Digest => digestOf(`upload to the registry\n${id}`)

async function openIncoming({ hub }: RegistryCall, { id }: Place, digest: Digest): Promise<IncomingBlob> {
  {
    // The first call must name the placeholder, also when one request brings the whole blob.
    await using first = await hub.blobs.incoming.open(id, targetOf(placeholderOf(id)), hub.signal)
    if (!first) throw BUSY()
  }
  const incoming = await hub.blobs.incoming.open(id, targetOf(digest), hub.signal)
  if (!incoming) throw BUSY()
  return incoming
}

const BUSY = () =>
  new RegistryError('BLOB_UPLOAD_INVALID', 'another request sends bytes of this upload; wait until it ends', {
    status: 409,
  })

const targetOf = (digest: Digest) => ({ digest, sizeBytes: BLOB_BYTES_MAX })

async function appendAll(call: RegistryCall, id: UploadId, incoming: IncomingBlob, chunk: Chunk): Promise<void> {
  const { hub } = call
  const { body, announcedBytes = 0, startByte } = chunk
  if (startByte !== undefined && startByte !== incoming.sizeBytes) {
    throw new RegistryError('BLOB_UPLOAD_INVALID', `the hub has ${incoming.sizeBytes} bytes; continue from there`, {
      status: 416,
      headers: { range: rangeOf(incoming.sizeBytes) },
    })
  }
  let roomBytes = await reserveRoom(call, id, incoming, announcedBytes)
  try {
    for await (const bytes of body) {
      const sizeBytes = incoming.sizeBytes + bytes.length
      if (sizeBytes > BLOB_BYTES_MAX) throw problem('body_too_large', 'a blob has at most 16 GiB')
      if (sizeBytes > roomBytes) roomBytes = await reserveStep(call, id, incoming, bytes.length)
      await incoming.append(bytes)
      hub.metrics.blobBytesIn.inc(bytes.length)
    }
  } catch (error) {
    // The connection broke. The client may continue, so the received bytes count.
    if (!isProblem(error)) await incoming.keep()
    throw error
  }
}

/** [Distribution 1.1, end-5] The received bytes, both ends included. An empty upload has the form of Docker. */
export const rangeOf = (sizeBytes: number): string => `0-${Math.max(0, sizeBytes - 1)}`

/**
 * Room for more bytes must be in both the quota and the disk, before the hub reads them. Open uploads count, because
 * many at once could each use the whole quota otherwise. Returns the size to which the upload may grow.
 */
async function reserveRoom(
  { hub, organisationId }: RegistryCall,
  id: UploadId,
  { sizeBytes }: Pick<IncomingBlob, 'sizeBytes'>,
  moreBytes: number,
): Promise<number> {
  if (!(await hub.blobs.hasRoomFor(moreBytes))) throw problem('storage_full')
  const wanted = sizeBytes + moreBytes
  await hub.store.transaction(async (tx) => {
    await reserveRegistryUpload(tx, id, sizeBytes)
    await requireStorageRoom(tx, organisationId, moreBytes)
    await reserveRegistryUpload(tx, id, wanted)
  })
  return wanted
}

/** Near the end of the quota a whole step has no room, but the bytes at hand may have. */
async function reserveStep(call: RegistryCall, id: UploadId, incoming: IncomingBlob, bytes: number): Promise<number> {
  try {
    return await reserveRoom(call, id, incoming, Math.max(bytes, ROOM_STEP_BYTES))
  } catch (error) {
    if (!isProblem(error) || error.code !== 'storage_quota_reached') throw error
    return reserveRoom(call, id, incoming, bytes)
  }
}

/** The same order as for other uploads: first the bytes, then the record (uploads/upload-bytes.ts). */
async function commitBlob(call: RegistryCall, id: UploadId, digest: Digest, incoming: IncomingBlob): Promise<void> {
  const { hub, organisationId, trail, source } = call
  await hub.blobGuard.exclusive(digest, async () => {
    await refuseRemoved(hub.store.db, digest)
    const { sizeBytes } = incoming
    const committed = await incoming.commit()
    await hub.store.transaction(async (tx) => {
      const nowMs = hub.clock.nowMs()
      if (!(await deleteRegistryUpload(tx, id))) return
      if (committed.ok) await holdBlob(tx, { organisationId, digest, sizeBytes, nowMs })
      await appendAudit(tx, {
        organisationId,
        atMs: nowMs,
        actor: trail.actor,
        action: 'upload.finished',
        object: { kind: 'blob', id: digest },
        source,
        result: committed.ok ? 'ok' : committed.code,
        detail: { sizeBytes },
      })
    })
    if (!committed.ok) throwProblem(committed)
  })
}
