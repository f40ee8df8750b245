/** Upload sweep: forgets uploads whose time is over, and removes the bytes of those that are no more. */
import type { Hub } from '../hub.ts'
import { fileTrouble } from '../ledger/ledger-store.ts'
import { deleteUpload, expiredUploads, uploadIds } from './upload-store.ts'

/** Gives how many went. */
export async function sweepUploads(hub: Hub): Promise<number> {
  for (const { id } of await expiredUploads(hub.store.db, hub.clock.nowMs())) {
    await hub.store.transaction((tx) => deleteUpload(tx, id))
  }
  // The uploads that arrive at a bucket of another database are that one's.
  if ((await fileTrouble(hub.store.db))?.kind === 'foreign') return 0
  return hub.blobs.incoming.sweep(await uploadIds(hub.store.db), hub.signal)
}
