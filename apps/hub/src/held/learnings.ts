/** The learnings that a device carries out, and their progress. */
import { type HeldLearnings, LEARNINGS, type LearningsDocument } from '@skerry/contract/held/learnings'
import { isProgressNews, keepProgress, newLearningOrders } from '../learning/device-learnings.ts'
import { AGAIN_MS, findActiveDevice, type HeldDocument } from './held-document.ts'

export const learningsHeld: HeldDocument<LearningsDocument, HeldLearnings> = {
  kind: LEARNINGS,
  wakes: ['learning.ordered', 'device.changed'],
  async next({ store }, connection, held) {
    const device = await findActiveDevice(store.db, connection)
    const document = device && (await newLearningOrders(store.db, device, held))
    return document && { document, standing: { ...held, revision: document.revision } }
  },
  revision: ({ revision }) => revision,
  againMs: AGAIN_MS,
  record: {
    findNews: async (db, place, held) => ((await isProgressNews(db, place, held)) ? 'figures' : 'none'),
    write: keepProgress,
  },
}
