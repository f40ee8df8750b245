/** Upload bytes: takes the body of `PATCH /v1/uploads/{upload}` into the upload's part, and makes it a blob when it is whole. */
import type { UploadId } from '@skerry/contract/ids'
import type { Upload } from '@skerry/contract/model'
import type { BlobPart } from '@skerry/platform/blob-part'
import { appendAudit } from '../audit/audit-store.ts'
import { holdBlob } from '../blobs/blob-store.ts'
import type { KeyCall } from '../http/call.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { UploadTable } from '../store/foundation-tables.ts'
import type { Borrowed } from './open-parts.ts'
import { deleteUpload, findUpload } from './upload-store.ts'

type Call = Pick<KeyCall, 'hub' | 'organisationId' | 'trail' | 'source'>

export type Piece = { upload: UploadId; offsetBytes: number; body: AsyncIterable<Uint8Array>; signal: AbortSignal }

/** Appends the piece. A cut connection loses what was not yet read, nothing else: the client asks where the hub stands and goes on. */
export async function receivePiece(call: Call, { upload, offsetBytes, body, signal }: Piece): Promise<Upload> {
  const { hub, organisationId } = call
  const row = await findUpload(hub.store.db, { organisationId, id: upload, nowMs: hub.clock.nowMs() })
  if (!row) throw problem('upload_unknown')
  await using borrowed = await hub.openParts.borrow(row.id, signal)
  if (!borrowed)
    throw problem('upload_offset_wrong', 'another request is sending bytes of this upload; wait until it ends')
  const { part } = borrowed
  if (offsetBytes !== part.sizeBytes) {
    throw problem('upload_offset_wrong', `${part.sizeBytes} bytes are here, not ${offsetBytes}; go on from there`)
  }
  await appendAll(call, row, part, body)
  if (part.sizeBytes < row.size_bytes) return { ...shown(row), offsetBytes: part.sizeBytes, done: false }
  await finish(call, row, borrowed)
  return { ...shown(row), offsetBytes: row.size_bytes, done: true }
}

const shown = ({ id, digest, size_bytes }: UploadTable) => ({ id, digest, sizeBytes: size_bytes })

async function appendAll({ hub }: Call, row: UploadTable, part: BlobPart, body: AsyncIterable<Uint8Array>) {
  for await (const chunk of body) {
    if (part.sizeBytes + chunk.length > row.size_bytes) {
      throw problem(
        'body_too_large',
        `the upload was announced with ${row.size_bytes} bytes; begin it again with the right size`,
      )
    }
    const appended = await part.append(chunk, part.sizeBytes)
    if (!appended.ok) throwProblem(appended)
    hub.metrics.blobBytesIn.inc(chunk.length)
  }
}

/** Bytes and record change one after the other, alone (blob-guard.ts). After a crash in between the bytes are sent again. */
async function finish(
  { hub, organisationId, trail, source }: Call,
  row: UploadTable,
  borrowed: Borrowed,
): Promise<void> {
  await hub.blobGuard.exclusive(async () => {
    const committed = await borrowed.part.commit(row.digest)
    if (committed.ok || committed.code === 'upload_digest_wrong') borrowed.drop()
    if (!committed.ok && committed.code === 'storage_full') throwProblem(committed)
    await hub.store.transaction(async (tx) => {
      const nowMs = hub.clock.nowMs()
      await deleteUpload(tx, row.id)
      if (committed.ok) await holdBlob(tx, { organisationId, digest: row.digest, sizeBytes: row.size_bytes, nowMs })
      await appendAudit(tx, {
        organisationId,
        atMs: nowMs,
        actor: trail.actor,
        action: 'upload.finished',
        object: { kind: 'blob', id: row.digest },
        source,
        result: committed.ok ? 'ok' : committed.code,
        detail: { sizeBytes: row.size_bytes },
      })
    })
    if (!committed.ok) throwProblem(committed)
  })
}
