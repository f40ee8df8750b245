/** SWUpdate updater: brings images of SWUpdate into the two slots of the device. */
import type { OsOptions } from '../os-options.ts'
import type { SlotDeps } from '../slots/slot-tool.ts'
import { openSlotUpdater } from '../slots/slot-updater.ts'
import type { Updater } from '../updater.ts'
import { openSwupdateTool, type SwupdateWish } from './swupdate-tool.ts'

export type SwupdateDeps = SlotDeps &
  Omit<SwupdateWish, 'settings'> & { os?: Pick<OsOptions, 'swupdateSettings'> | undefined }

export function openSwupdateUpdater({ os, environment, kernelLine, ...deps }: SwupdateDeps): Updater {
  const wish = {
    settings: os?.swupdateSettings ?? '',
    ...(environment && { environment }),
    ...(kernelLine && { kernelLine }),
  }
  return openSlotUpdater(openSwupdateTool(deps, wish), deps)
}
