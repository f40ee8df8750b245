/** The monitors of a device's models: the bins into which it counts their values. */
import { type HeldMonitors, MONITORS, type MonitorsDocument } from '@skerry/contract/held/monitors'
import { newWatches } from '../monitors/device-watches.ts'
import { AGAIN_MS, findActiveDevice, type HeldDocument } from './held-document.ts'

export const monitorsHeld: HeldDocument<MonitorsDocument, HeldMonitors> = {
  kind: MONITORS,
  wakes: ['monitors.changed', 'items.changed', 'connections.changed', 'device.changed'],
  async next({ store }, connection, { revision: held }) {
    const device = await findActiveDevice(store.db, connection)
    const document = device && (await newWatches(store.db, device, held))
    return document && { document, standing: { revision: document.revision } }
  },
  revision: ({ revision }) => revision,
  againMs: AGAIN_MS,
}
