/** Upload sweep: forgets uploads whose time is over, and removes the bytes of those that are no more. */
import type { Hub } from '../hub.ts'
import { deleteUpload, expiredUploads, uploadIds } from './upload-store.ts'

/** Gives how many went. */
export async function sweepUploads(hub: Hub): Promise<number> {
  for (const { id } of await expiredUploads(hub.store.db, hub.clock.nowMs())) {
    await hub.store.transaction((tx) => deleteUpload(tx, id))
  }
  return hub.blobs.incoming.sweep(await uploadIds(hub.store.db), hub.signal)
}
