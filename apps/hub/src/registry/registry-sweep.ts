/** Registry sweep: deletes expired uploads. The sweep of uploads then removes their bytes. */
import type { Hub } from '../hub.ts'
import { deleteExpiredRegistryUploads } from './registry-upload-store.ts'

/** Returns the number of deleted uploads. */
export const sweepRegistryUploads = (hub: Hub): Promise<number> =>
  hub.store.transaction((tx) => deleteExpiredRegistryUploads(tx, hub.clock.nowMs()))
