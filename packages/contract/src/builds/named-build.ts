/** Named build: the builds that devices serve, or are to get, as the answers about devices and deployments name them. */
import * as z from 'zod'
import { BuildId, DeviceId } from '../values/ids.ts'
import { Name } from '../values/names.ts'

/** [build.ts] A newer hub may have further recipes. */
const RecipeName = z.string().max(63)

const ClassName = z.string().max(63)

export const NamedBuild = z.strictObject({
  build: BuildId,
  recipe: RecipeName,
  /** The class of the device; absent if it is unknown. */
  hardwareClass: ClassName.optional(),
  /**
   * How many times as fast as the version itself, by the newest measurement on the class. Absent, with `device`, if
   * there is none.
   */
  speed: z.number().min(0).optional(),
  /** The device that measured it. */
  device: Name.optional(),
})
export type NamedBuild = z.infer<typeof NamedBuild>

/** The number of devices that serve one form of a version: one of its builds, or the version itself. */
export const ServedForm = z.strictObject({
  version: z.int().min(1),
  build: BuildId.optional(),
  recipe: RecipeName.optional(),
  devices: z.int().min(0),
})
export type ServedForm = z.infer<typeof ServedForm>

/** The form of the version that some of the picked devices get: a build, or the version itself. */
export const PlannedForm = z.strictObject({
  /** Absent: the version itself. */
  build: BuildId.optional(),
  recipe: RecipeName.optional(),
  /** Absent for devices of an unknown class. */
  hardwareClass: ClassName.optional(),
  sizeBytes: z.int().min(0),
  count: z.int().min(0),
  devices: z.array(z.strictObject({ id: DeviceId, name: Name, site: Name })).max(500),
})
export type PlannedForm = z.infer<typeof PlannedForm>
