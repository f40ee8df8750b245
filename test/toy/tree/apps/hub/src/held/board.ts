/** The board of a device: its label `board`, which people may change. */
import { BOARD, type BoardDocument, type HeldBoard } from '@skerry/contract/held/board'
import { fromJson } from '../store/json-column.ts'
import { AGAIN_MS, findActiveDevice, type HeldDocument } from './held-document.ts'

export const boardHeld: HeldDocument<BoardDocument, HeldBoard> = {
  kind: BOARD,
  wakes: ['device.changed'],
  async next(hub, connection, { revision: held }) {
    const device = await findActiveDevice(hub.store.db, connection)
    if (!device || device.revision === held) return undefined
    const { name, labels, revision } = device
    return { document: { v: 1, revision, title: fromJson(labels).board ?? name }, standing: { revision } }
  },
  revision: ({ revision }) => revision,
  againMs: AGAIN_MS,
}
