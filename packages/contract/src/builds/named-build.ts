/** Named build: the build that a device serves, or is to get, as the answers about devices name it. */
import * as z from 'zod'
import { BuildId } from '../values/ids.ts'
import { Name } from '../values/names.ts'

export const NamedBuild = z.strictObject({
  build: BuildId,
  /** [build.ts] A newer hub may have further recipes. */
  recipe: z.string().max(63),
  /** The class of the device; absent if it is unknown. */
  hardwareClass: z.string().max(63).optional(),
  /**
   * How many times as fast as the version itself, by the newest measurement on the class. Absent, with `device`, if
   * there is none.
   */
  speed: z.number().min(0).optional(),
  /** The device that measured it. */
  device: Name.optional(),
})
export type NamedBuild = z.infer<typeof NamedBuild>
