/** Upload sweep: forgets uploads whose time is over, and removes parts that belong to none. */
import type { Hub } from '../hub.ts'
import { UPLOAD_LIFE_MS } from './upload-handlers.ts'
import { deleteUpload, expiredUploads, uploadIds } from './upload-store.ts'

/** Gives how many parts went. */
export async function sweepUploads(hub: Hub): Promise<number> {
  await hub.openParts.closeIdle()
  for (const { id } of await expiredUploads(hub.store.db, hub.clock.nowMs())) {
    await hub.openParts.close(id)
    await hub.store.transaction((tx) => deleteUpload(tx, id))
  }
  const known = await uploadIds(hub.store.db)
  let removed = 0
  for (const { key, modifiedAtMs } of await hub.blobs.listParts()) {
    // Parts of a push that is under way are no uploads, and younger than that.
    if (known.has(key) || (key.startsWith('ver_') && hub.clock.nowMs() - modifiedAtMs < UPLOAD_LIFE_MS)) continue
    await hub.blobs.removePart(key).then(
      () => removed++,
      (error: unknown) => hub.log.warn('part_not_removed', { key, error }),
    )
  }
  return removed
}
