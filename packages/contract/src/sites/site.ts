/** Sites: the locations that devices stand at. */
import * as z from 'zod'
import { DeviceHealth } from '../devices/device.ts'
import { Clearance } from '../values/clearance.ts'
import { SiteId } from '../values/ids.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'

export const SiteKind = z.enum(['edge', 'onprem', 'cloud'])
export type SiteKind = z.infer<typeof SiteKind>

export const SiteSpec = z.strictObject({
  name: Name,
  kind: SiteKind,
  /** [ISO 3166-1 alpha-2] The country whose law applies. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be two capital letters such as DE')
    .optional(),
  region: z.string().min(1).max(63).optional(),
  /** Degrees, WGS 84. */
  coordinates: z
    .strictObject({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
    .optional(),
  /** The most sensitive data that may be handled at the site. */
  clearance: Clearance.default('internal'),
  labels: Labels.default({}),
})
export type SiteSpec = z.infer<typeof SiteSpec>

export const Site = z.strictObject({
  ...SiteSpec.shape,
  id: SiteId,
  /** Counts changes from 1, for compare-and-set. */
  revision: z.int().min(1),
  deviceCount: z.int().min(0),
  createdAtMs: InstantMs,
})
export type Site = z.infer<typeof Site>

/** The health of the devices of a site: a number for each health that occurs. */
export const SiteState = z.strictObject({
  site: Name,
  kind: SiteKind,
  country: SiteSpec.shape.country,
  region: SiteSpec.shape.region,
  coordinates: SiteSpec.shape.coordinates,
  clearance: Clearance,
  labels: Labels,
  devices: z.partialRecord(DeviceHealth, z.int().min(1)),
})
export type SiteState = z.infer<typeof SiteState>
