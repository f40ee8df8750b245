/** The captures of a device's models: the rows that it keeps, and the subjects whose rows it deletes. */
import { CAPTURES, type CapturesDocument, type HeldCaptures } from '@skerry/contract/held/captures'
import { isCaptureNews, keepCaptureReport, newCaptures } from '../captures/device-captures.ts'
import { AGAIN_MS, findActiveDevice, type HeldDocument } from './held-document.ts'

export const capturesHeld: HeldDocument<CapturesDocument, HeldCaptures> = {
  kind: CAPTURES,
  wakes: ['captures.changed', 'items.changed', 'device.changed'],
  async next({ store }, connection, held) {
    const device = await findActiveDevice(store.db, connection)
    const document = device && (await newCaptures(store.db, device, held))
    if (!document) return undefined
    const { revision, erased, labels } = document
    return { document, standing: { revision, erased, boxes: held.boxes, labels } }
  },
  revision: ({ revision, erased, labels }) =>
    revision === undefined ? undefined : `${revision} ${erased} ${labels ?? ''}`,
  againMs: AGAIN_MS,
  record: {
    findNews: async (db, place, held) => ((await isCaptureNews(db, place, held)) ? 'state' : 'none'),
    write: keepCaptureReport,
  },
}
