/** Device labels: the labels of rows that a device keeps, as it fetches them from its hub by HTTPS. */
import * as z from 'zod'
import { InstantMs, Name } from '../values/names.ts'
import { LabelValue, RequestKey } from './capture.ts'

/** A page has some 100 KB, which the hub reads in some milliseconds. */
export const LABELS_PAGE_MAX = 500

/** The path of the route. The query has `after`: the number of the newest label that the device has. */
export const DEVICE_LABELS_PATH = '/v1/device-labels'

/** Not strict: a later hub may add fields. */
export const DeviceLabels = z.object({
  /** By their numbers. A label that was given again has a new number. */
  labels: z
    .array(
      z.object({
        sequence: z.int().min(1),
        model: Name,
        request: RequestKey,
        /** The time of the row. A later row of the same request is another one. */
        atMs: InstantMs,
        label: LabelValue,
      }),
    )
    .max(LABELS_PAGE_MAX),
  /** There is another page. */
  isCut: z.boolean(),
})
export type DeviceLabels = z.infer<typeof DeviceLabels>
export type DeviceLabel = DeviceLabels['labels'][number]
