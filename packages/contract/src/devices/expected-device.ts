/**
 * Expected devices: machines that somebody has announced, by serial number or key, so that they join without waiting
 * for a person.
 */
import * as z from 'zod'
import { KeyFingerprint, SerialNumber } from '../joining/join.ts'
import { DeviceId, ExpectedDeviceId } from '../values/ids.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'

/** An announced device; if both serial number and key are given, both must match. */
export const ExpectedDeviceSpec = z
  .strictObject({
    serial: SerialNumber.optional(),
    keyFingerprint: KeyFingerprint.optional(),
    site: Name,
    /** The name that the device gets; its own proposal if absent. */
    name: Name.optional(),
    /** In addition to the labels of the token with which it joins. */
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
  /** The name of the person or key that announced it. */
  by: z.string().max(63),
  createdAtMs: InstantMs,
  /** The device that has joined as this one. Once it is removed, another may. */
  device: z.strictObject({ id: DeviceId, name: Name, joinedAtMs: InstantMs }).optional(),
})
export type ExpectedDevice = z.infer<typeof ExpectedDevice>
