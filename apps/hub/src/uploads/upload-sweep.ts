/** Upload sweep: deletes expired uploads, and removes the bytes of deleted ones. */
import type { Hub } from '../hub.ts'
import { fileTrouble } from '../ledger/ledger-store.ts'
import { deleteUpload, expiredUploads, uploadIds } from './upload-store.ts'

/** Returns the number of removed uploads. */
export async function sweepUploads(hub: Hub): Promise<number> {
  for (const { id } of await expiredUploads(hub.store.db, hub.clock.nowMs())) {
    await hub.store.transaction((tx) => deleteUpload(tx, id))
  }
  // Uploads of another database in the same bucket belong to that database.
  if ((await fileTrouble(hub.store.db))?.kind === 'foreign') return 0
  return hub.blobs.incoming.sweep(await uploadIds(hub.store.db), hub.signal)
}
