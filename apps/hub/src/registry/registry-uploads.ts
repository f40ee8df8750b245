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
} from './registry-upload-store.ts'

/** The largest file of a version, too. [S3 API, CopyObject] In a bucket a blob of a registry has at most 5 GiB. */
const BLOB_BYTES_MAX = 16 * 1024 ** 3

/** A push of an image sends some layers at once. Several people push at the same time. */
const OPEN_UPLOADS_MAX = 64

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
  await appendAll(call, incoming, chunk)
  await incoming.keep()
  return incoming.sizeBytes
}

/** Appends the last chunk, which may be empty, and makes the upload a blob. */
export async function finishUpload(call: RegistryCall, place: Place, digest: Digest, chunk: Chunk): Promise<void> {
  await requireUpload(call, place)
  await using incoming = await openIncoming(call, place, digest)
  await appendAll(call, incoming, chunk)
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

async function appendAll(call: RegistryCall, incoming: IncomingBlob, { body, announcedBytes, startByte }: Chunk) {
  const { hub } = call
  if (startByte !== undefined && startByte !== incoming.sizeBytes) {
    throw new RegistryError('BLOB_UPLOAD_INVALID', `the hub has ${incoming.sizeBytes} bytes; continue from there`, {
      status: 416,
      headers: { range: rangeOf(incoming.sizeBytes) },
    })
  }
  await requireRoom(call, incoming.sizeBytes + (announcedBytes ?? 0))
  try {
    for await (const bytes of body) {
      if (incoming.sizeBytes + bytes.length > BLOB_BYTES_MAX)
        throw problem('body_too_large', 'a blob has at most 16 GiB')
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

/** The announced bytes must fit both the quota and the disk, before the hub reads them. */
async function requireRoom({ hub, organisationId }: RegistryCall, bytes: number): Promise<void> {
  if (!(await hub.blobs.hasRoomFor(bytes))) throw problem('storage_full')
  await hub.store.transaction((tx) => requireStorageRoom(tx, organisationId, bytes))
}

/** The same order as for other uploads: first the bytes, then the record (uploads/upload-bytes.ts). */
async function commitBlob(call: RegistryCall, id: UploadId, digest: Digest, incoming: IncomingBlob): Promise<void> {
  const { hub, organisationId, trail, source } = call
  await hub.blobGuard.exclusive(digest, async () => {
    await refuseRemoved(hub.store.db, digest)
    const { sizeBytes } = incoming
    if (!(await findBlob(hub.store.db, organisationId, digest))) await requireRoom(call, sizeBytes)
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
