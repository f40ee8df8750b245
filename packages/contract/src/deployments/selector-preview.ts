/** Selector preview: whom a selector picks and whom it does not, with the reasons; and what the fleet has that can be asked for. */
import * as z from 'zod'
import { DeviceId } from '../values/ids.ts'
import { Name, PAGE_LIMIT_MAX } from '../values/names.ts'

const count = z.int().min(0)

export const PreviewDevice = z.strictObject({ id: DeviceId, name: Name, site: Name })
export type PreviewDevice = z.infer<typeof PreviewDevice>

/** A condition of the selector that is not true on a device, what the device has there, and what failed where something did. */
export const UnmetCondition = z.strictObject({
  condition: z.string(),
  found: z.string(),
  problem: z.string().optional(),
})
export type UnmetCondition = z.infer<typeof UnmetCondition>

const devicesOf = <Device extends z.ZodType>(device: Device) => z.array(device).max(PAGE_LIMIT_MAX)

/** Each device is in one of three groups. Counts are exact; the devices of each are cut at the limit that was asked for, by name. */
export const SelectorPreview = z.strictObject({
  total: count,
  picked: z.strictObject({ count, devices: devicesOf(PreviewDevice) }),
  /** Selected, but another check refuses them: pending, revoked, too little room, an older opset, another deployment's. */
  refused: z.strictObject({
    count,
    codes: z.array(z.strictObject({ code: z.string(), count })),
    devices: devicesOf(z.strictObject({ ...PreviewDevice.shape, code: z.string(), message: z.string() })),
  }),
  others: z.strictObject({
    count,
    /** On how many of them each condition is not true. */
    conditions: z.array(z.strictObject({ condition: z.string(), count })),
    devices: devicesOf(z.strictObject({ ...PreviewDevice.shape, unmet: z.array(UnmetCondition) })),
  }),
})
export type SelectorPreview = z.infer<typeof SelectorPreview>

/** 100 values fill a list that a person chooses from; whoever needs another one writes it. */
export const VALUES_MAX = 100
/** Keys of labels of one kind that are told: more than a fleet with any order has. */
export const LABEL_KEYS_MAX = 200

/** The values that one field has on the fleet, most frequent first. */
export const FieldValues = z.strictObject({
  /** As a selector writes it: `site.country`; of labels `device.labels` with their `key`. */
  field: z.string(),
  key: z.string().optional(),
  values: z.array(z.strictObject({ value: z.string(), count: z.int().min(1) })).max(VALUES_MAX),
  /** How many further values there are. */
  omitted: count,
})
export type FieldValues = z.infer<typeof FieldValues>
