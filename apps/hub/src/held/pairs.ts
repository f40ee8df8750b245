/** The pairs in which a device takes part, and its state in them. */
import { type HeldPairs, PAIRS, type PairsDocument } from '@skerry/contract/held/pairs'
import { newPairs } from '../pairs/device-pairs.ts'
import { pairReports, savePairReport } from '../pairs/pair-store.ts'
import { AGAIN_MS, findActiveDevice, type HeldDocument } from './held-document.ts'

export const pairsHeld: HeldDocument<PairsDocument, HeldPairs> = {
  kind: PAIRS,
  wakes: ['pairs.changed', 'device.changed'],
  async next({ store }, connection, held) {
    const device = await findActiveDevice(store.db, connection)
    const document = device && (await newPairs(store.db, device, held))
    return document && { document, standing: { ...held, revision: document.revision } }
  },
  revision: ({ revision }) => revision,
  againMs: AGAIN_MS,
  record: {
    async findNews(db, { deviceId }, held) {
      const known = (await pairReports(db, [deviceId])).get(deviceId)
      // A device that takes part in no pair leaves no record.
      if (!known && held.door === undefined && held.pairs.length === 0) return 'none'
      if (known?.door !== held.door) return 'peers'
      return JSON.stringify(known?.pairs) === JSON.stringify(held.pairs) ? 'none' : 'state'
    },
    write: savePairReport,
  },
}
