/** Procedures on uploads. Their bytes come by the byte route (upload-bytes.ts). */

import type { Upload } from '@skerry/contract/models/model'
import type { UploadId } from '@skerry/contract/values/ids'
import { findBlob, touchBlobs } from '../blobs/blob-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { requireStorageRoom } from '../organisations/quota.ts'
import type { Tx } from '../store/store.ts'
import type { UploadTable } from '../store/tables/foundation-tables.ts'
import { countUploads, deleteUpload, extendUpload, findUpload, findUploadOf, insertUpload } from './upload-store.ts'

/** A model in many files, sent by a few programs at once. */
const OPEN_UPLOADS_MAX = 64

/** A large file over a bad line may take a night. */
export const UPLOAD_LIFE_MS = 86_400_000

export const uploadHandlers = {
  create: os.upload.create.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    if (!(await hub.blobs.hasRoomFor(input.sizeBytes))) throw problem('storage_full')
    const begun = await context.change(async (tx, note) => {
      note.object = { kind: 'blob', id: input.digest }
      note.detail = { sizeBytes: input.sizeBytes }
      const blob = await findBlob(tx, organisationId, input.digest)
      // Whether somebody else holds the same bytes must not show: who does not hold them sends them.
      if (blob && blob.damaged_at_ms === null) {
        // It is about to be pushed: nobody may collect it before.
        await touchBlobs(tx, { organisationId, digests: [blob.digest], nowMs: hub.clock.nowMs() })
        return doneUpload(hub.ids.upload(), blob)
      }
      return beginUpload(tx, context, input)
    })
    return 'done' in begun ? begun : uploadOf(hub, begun)
  }),
  get: os.upload.get.handler(async ({ context: { hub, organisationId }, input }) => {
    const row = await findUpload(hub.store.db, { organisationId, id: input.upload, nowMs: hub.clock.nowMs() })
    if (!row) throw problem('upload_unknown')
    return uploadOf(hub, row)
  }),
  remove: os.upload.remove.handler(({ context, input }) =>
    context.change(async (tx, note) => {
      const { hub, organisationId } = context
      const row = await findUpload(tx, { organisationId, id: input.upload, nowMs: hub.clock.nowMs() })
      if (!row) throw problem('upload_unknown')
      note.object = { kind: 'blob', id: row.digest }
      // Its bytes go with the next sweep: they are rubbish as soon as the record has gone, also where this process ends here.
      await deleteUpload(tx, row.id)
      return {}
    }),
  ),
}

const doneUpload = (id: UploadId, { digest, size_bytes }: Pick<UploadTable, 'digest' | 'size_bytes'>): Upload => ({
  id,
  digest,
  sizeBytes: size_bytes,
  offsetBytes: size_bytes,
  done: true,
})

async function beginUpload(
  tx: Tx,
  { hub, organisationId }: KeyCall,
  { digest, sizeBytes }: Pick<Upload, 'digest' | 'sizeBytes'>,
): Promise<UploadTable> {
  const nowMs = hub.clock.nowMs()
  const expiresAtMs = nowMs + UPLOAD_LIFE_MS
  const open = await findUploadOf(tx, organisationId, digest)
  if (open && open.size_bytes === sizeBytes) {
    await extendUpload(tx, open.id, expiresAtMs)
    return { ...open, expires_at_ms: expiresAtMs }
  }
  // The same digest with another size: one of the two announcements was wrong, and the newer one counts.
  if (open) await deleteUpload(tx, open.id)
  else if ((await countUploads(tx, organisationId)) >= OPEN_UPLOADS_MAX) {
    throw problem('rate_limited', `${OPEN_UPLOADS_MAX} uploads are open; finish some, or wait until they expire`)
  }
  await requireStorageRoom(tx, organisationId, sizeBytes)
  const row = {
    id: hub.ids.upload(),
    organisation_id: organisationId,
    digest,
    size_bytes: sizeBytes,
    created_at_ms: nowMs,
    expires_at_ms: expiresAtMs,
  }
  await insertUpload(tx, row)
  return row
}

/** The upload with what has come of it. */
export async function uploadOf(hub: Hub, { id, digest, size_bytes }: UploadTable): Promise<Upload> {
  const offsetBytes = await hub.blobs.incoming.offsetOf(id, hub.signal)
  return { id, digest, sizeBytes: size_bytes, offsetBytes: Math.min(offsetBytes, size_bytes), done: false }
}
