/** Handlers of the procedures on images of the registry. */
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { imageKey, listImages } from './registry-store.ts'

export const imageHandlers = {
  list: os.image.list.handler(async ({ context: { hub, organisationId }, input: { limit, after, repository } }) => {
    const found = await listImages(hub.store.db, { organisationId, repository, limit: limit + 1, after })
    const { rows, ...more } = pageFrom(found, limit, ({ row }) => imageKey(row))
    return {
      ...more,
      rows: rows.map(({ row, tags }) => ({
        repository: row.repository,
        digest: row.digest,
        tags,
        mediaType: row.media_type,
        ...(row.artifact_type !== null && { artifactType: row.artifact_type }),
        ...(row.subject !== null && { subject: row.subject }),
        sizeBytes: row.size_bytes,
        pushedAtMs: row.pushed_at_ms,
      })),
    }
  }),
}
