/** RAUC updater: brings bundles of RAUC into the two slots of the device. */
import type { SlotDeps } from '../slots/slot-tool.ts'
import { openSlotUpdater } from '../slots/slot-updater.ts'
import type { Updater } from '../updater.ts'
import { openRaucTool, type RaucWish } from './rauc-tool.ts'

export const openRaucUpdater = ({ environment, configuration, ...deps }: SlotDeps & RaucWish): Updater =>
  openSlotUpdater(openRaucTool({ ...(environment && { environment }), ...(configuration && { configuration }) }), deps)
