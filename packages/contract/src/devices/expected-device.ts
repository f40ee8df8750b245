/** Expected devices: machines that somebody has announced, by serial number or key, so that they join without waiting for a person. */
import * as z from 'zod'
import { KeyFingerprint, SerialNumber } from '../joining/join.ts'
import { DeviceId, ExpectedDeviceId } from '../values/ids.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'

/** What is announced; where both serial number and key are given, both must be right. */
export const ExpectedDeviceSpec = z
  .strictObject({
    serial: SerialNumber.optional(),
    keyFingerprint: KeyFingerprint.optional(),
    site: Name,
    /** The name that the device gets; the one that it would like where absent. */
    name: Name.optional(),
    /** Besides those of the token that it joins with. */
    labels: Labels.default({}),
  })
  .refine(({ serial, keyFingerprint }) => serial !== undefined || keyFingerprint !== undefined, {
    error: 'give a serial number, the fingerprint of a key, or both',
  })
export type ExpectedDeviceSpec = z.infer<typeof ExpectedDeviceSpec>

/** A list is announced in pieces of this: one transaction each, of a fraction of a second. */
export const EXPECTED_AT_ONCE_MAX = 500

export const ExpectedDevice = z.strictObject({
  id: ExpectedDeviceId,
  serial: SerialNumber.optional(),
  keyFingerprint: KeyFingerprint.optional(),
  site: Name,
  name: Name.optional(),
  labels: Labels,
  /** Who announced it. */
  by: z.string().max(63),
  createdAtMs: InstantMs,
  /** The device that has joined as this one. Once it is removed, another may. */
  device: z.strictObject({ id: DeviceId, name: Name, joinedAtMs: InstantMs }).optional(),
})
export type ExpectedDevice = z.infer<typeof ExpectedDevice>
