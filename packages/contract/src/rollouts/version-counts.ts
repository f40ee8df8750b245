/**
 * Version counts: which version the devices of a deployment should run now, and which one they run by their last
 * reports. Hubs up to 0.1.0 do not send them.
 */
import * as z from 'zod'

const count = z.int().min(0)

/**
 * The devices with one version. `silent` counts those of them that send no reports now: the version is the one of their
 * last report. It is absent without such devices, for wanted versions, and from hubs up to 0.1.0.
 */
export const VersionCount = z.strictObject({
  version: z.int().min(1),
  devices: count,
  silent: z.int().min(1).optional(),
})
export type VersionCount = z.infer<typeof VersionCount>

/** The number of devices for each version, the oldest version first, and of devices without a version. */
export const VersionCounts = z.strictObject({
  versions: z.array(VersionCount),
  none: count,
  /** The builds among these versions: the recipes of the devices that get or serve one. Absent if none does. */
  builds: z.array(z.strictObject({ version: z.int().min(1), recipe: z.string().max(63), devices: count })).optional(),
})
export type VersionCounts = z.infer<typeof VersionCounts>

/**
 * By the last reports of the devices. `failed`: devices that report that their wanted version failed. Such a device
 * serves an earlier version, or none, so it is counted there, too.
 */
export const RunningCounts = z.strictObject({ ...VersionCounts.shape, failed: count })
export type RunningCounts = z.infer<typeof RunningCounts>

/** wanted: the versions that the devices are offered now. After a rollback that is the earlier version. */
export const wantedAndRunning = { wanted: VersionCounts.optional(), running: RunningCounts.optional() }
