/** The monitors of the device's models. */
import { type HeldMonitors, MONITORS, type MonitorsDocument } from '@skerry/contract/held/monitors'
import type { MonitorKeeper } from '../monitors/monitor-keeper.ts'
import type { HeldDocument } from './held-document.ts'

export const monitorsHeld = (keeper: MonitorKeeper): HeldDocument<MonitorsDocument, HeldMonitors> => ({
  kind: MONITORS,
  begins: 'proved',
  held: keeper.held,
  async take(document) {
    await keeper.take(document)
    return 'report'
  },
})
