/** Upload bytes: takes the body of `PATCH /v1/uploads/{upload}` to where the upload stands, and makes it a blob when it is whole. */

import type { Upload } from '@skerry/contract/models/model'
import type { UploadId } from '@skerry/contract/values/ids'
import { appendAudit } from '../audit/audit-store.ts'
import type { IncomingBlob } from '../blobs/blob-bytes.ts'
import { holdBlob, refuseRemoved } from '../blobs/blob-store.ts'
import type { KeyCall } from '../http/call.ts'
import { isProblem, problem, throwProblem } from '../http/problem.ts'
import type { UploadTable } from '../store/tables/foundation-tables.ts'
import { deleteUpload, findUpload } from './upload-store.ts'

type Call = Pick<KeyCall, 'hub' | 'organisationId' | 'trail' | 'source'>

export type Piece = {
  upload: UploadId
  offsetBytes: number
  body: AsyncIterable<Uint8Array>
  bytesMax: number
  signal: AbortSignal
}

/** 64 MiB at 2.5 Mbit/s take under four minutes, and a request may take five. Skerry's own clients send 2 and 8 MiB. */
export const UPLOAD_PIECE_MAX = 64 * 1024 * 1024

export const PIECE_TOO_LARGE =
  'a piece has at most 64 MiB; send the file in pieces, each from the end of the one before'

/** Appends the piece. A cut connection loses what was not yet read, nothing else: the client asks where the hub stands and goes on. */
export async function receivePiece(call: Call, piece: Piece): Promise<Upload> {
  const { upload, offsetBytes, signal } = piece
  const { hub, organisationId } = call
  const row = await findUpload(hub.store.db, { organisationId, id: upload, nowMs: hub.clock.nowMs() })
  if (!row) throw problem('upload_unknown')
  await using incoming = await hub.blobs.incoming.open(
    row.id,
    { digest: row.digest, sizeBytes: row.size_bytes },
    signal,
  )
  if (!incoming)
    throw problem('upload_offset_wrong', 'another request is sending bytes of this upload; wait until it ends')
  if (offsetBytes !== incoming.sizeBytes) {
    throw problem(
      'upload_offset_wrong',
      `the hub has ${incoming.sizeBytes} bytes, not ${offsetBytes}; continue from there`,
    )
  }
  await appendAll(call, row, incoming, piece)
  if (incoming.sizeBytes < row.size_bytes) {
    await incoming.keep()
    return { ...shown(row), offsetBytes: incoming.sizeBytes, done: false }
  }
  await finish(call, row, incoming)
  return { ...shown(row), offsetBytes: row.size_bytes, done: true }
}

const shown = ({ id, digest, size_bytes }: UploadTable) => ({ id, digest, sizeBytes: size_bytes })

async function appendAll({ hub }: Call, row: UploadTable, incoming: IncomingBlob, { body, bytesMax }: Piece) {
  let received = 0
  try {
    for await (const chunk of body) {
      received += chunk.length
      if (received > bytesMax) throw problem('body_too_large', PIECE_TOO_LARGE)
      if (incoming.sizeBytes + chunk.length > row.size_bytes) {
        throw problem(
          'body_too_large',
          `the upload was announced with ${row.size_bytes} bytes; start it again with the right size`,
        )
      }
      await incoming.append(chunk)
      hub.metrics.blobBytesIn.inc(chunk.length)
    }
  } catch (error) {
    // The connection was cut: over a bad line each piece may be, and what came of it must count.
    if (!isProblem(error)) await incoming.keep()
    throw error
  }
}

/** Bytes and record change one after the other, alone (blob-guard.ts). After a crash in between the bytes are sent again. */
async function finish(
  { hub, organisationId, trail, source }: Call,
  row: UploadTable,
  incoming: IncomingBlob,
): Promise<void> {
  await hub.blobGuard.exclusive(row.digest, async () => {
    await refuseRemoved(hub.store.db, row.digest)
    const committed = await incoming.commit()
    await hub.store.transaction(async (tx) => {
      const nowMs = hub.clock.nowMs()
      // Another hub was told the same last bytes, and was first.
      if (!(await deleteUpload(tx, row.id))) return
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
