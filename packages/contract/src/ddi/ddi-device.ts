/** DDI devices: devices without an agent, whose own updater polls the hub by the protocol DDI. */
import * as z from 'zod'
import { Cause } from '../devices/item.ts'
import { DeviceId } from '../values/ids.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'
import { DdiAttributes } from './ddi-feedback.ts'

/** The name of the device in the paths of the protocol. Makers use serial numbers and MAC addresses. */
export const ControllerId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, 'must be 1 to 128 letters, digits and . _ : -')
export type ControllerId = z.infer<typeof ControllerId>

export const DdiSpec = z.strictObject({
  name: Name,
  site: Name,
  labels: Labels.default({}),
  /** The name of the device if absent. */
  controllerId: ControllerId.optional(),
  /** The device asks its owner before it installs anything. SWUpdate 2024.12 cannot ask. */
  mustConfirm: z.boolean().default(false),
})
export type DdiSpec = z.infer<typeof DdiSpec>

/**
 * offered: the hub has shown the action to the device. asked: the device must first confirm it. cancelling: the hub has
 * withdrawn it, and the device has not answered yet.
 */
export const DdiState = z.enum(['asked', 'offered', 'downloading', 'downloaded', 'installing', 'cancelling'])
export type DdiState = z.infer<typeof DdiState>

/** One order to install an image. Its number is that of the protocol. */
const DdiAction = z.strictObject({
  id: z.int().min(1),
  name: Name,
  version: z.int().min(1),
  state: DdiState,
  sinceMs: InstantMs,
  /** As the device counts its steps. */
  percent: z.number().min(0).max(100).optional(),
})

/** A line of the device's own words. */
const DdiLine = z.strictObject({ atMs: InstantMs, action: z.int().min(1), text: z.string().max(2_000) })

/** The newest lines; SWUpdate sends some ten for an installation. */
export const DDI_LINES_MAX = 40

export const DdiDevice = z.strictObject({
  id: DeviceId,
  name: Name,
  site: Name,
  controllerId: ControllerId,
  /** The tenant in the paths of the protocol. */
  tenant: z.string().max(63),
  /** Absent if this hub has no DDI port. */
  url: z.url().max(300).optional(),
  mustConfirm: z.boolean(),
  attributes: DdiAttributes,
  /** The image that the device runs, as far as the hub knows. Absent before the first installation through this hub. */
  installed: z.strictObject({ name: Name, version: z.int().min(1), sinceMs: InstantMs }).optional(),
  /** The order that the device works on. */
  action: DdiAction.optional(),
  /** Why the last order failed; absent once another image is installed. */
  failed: Cause.optional(),
  lines: z.array(DdiLine).max(DDI_LINES_MAX),
})
export type DdiDevice = z.infer<typeof DdiDevice>

/** The answer to a new device, or to a new token. The hub shows the token only here. */
export const DdiToken = z.strictObject({ token: z.string().max(64), device: DdiDevice })
export type DdiToken = z.infer<typeof DdiToken>
