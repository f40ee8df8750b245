/** BACnet/IP source: heating, ventilation and air conditioning of a building. [ASHRAE 135] Not held against real equipment. */
import * as z from 'zod'
import { PauseBetweenRequests } from '../../deployments/pauses.ts'
import { Host } from '../../values/host.ts'
import { BACNET_INSTANCE_MAX, BACNET_KINDS, BACNET_PRESENT_VALUE, bacnetObjectOf } from '../bacnet-object.ts'
import { TagShape } from '../tag.ts'

export const BacnetConnection = z.strictObject({
  host: Host,
  port: z.int().min(1).max(65_535).default(47_808),
  /** The number of the device, where another one at this address would be a mistake. */
  device: z.int().min(0).max(BACNET_INSTANCE_MAX).optional(),
  /** [135, 5.4.1] For one answer. */
  timeoutMs: z.int().min(50).max(60_000).default(3_000),
  /** UDP may lose a question, or its answer. A write is sent once. */
  retries: z.int().min(0).max(5).default(1),
  /** Asked for at once. What is more than the device can answer is asked for in halves. */
  objectsMax: z.int().min(1).max(100).default(20),
  ...PauseBetweenRequests,
})
export type BacnetConnection = z.infer<typeof BacnetConnection>

export const BacnetTag = z
  .strictObject({
    ...TagShape,
    /** `analog-input:1`, `binary-output:7`. */
    address: z
      .string()
      .max(40)
      .refine((address) => bacnetObjectOf(address) !== undefined, {
        error: `must be a kind of object and its number, such as analog-input:1; kinds are ${BACNET_KINDS.join(', ')}`,
      }),
    /** By its number, where it is another one than the present value: 28 is the description. */
    property: z.int().min(0).max(BACNET_INSTANCE_MAX).default(BACNET_PRESENT_VALUE),
    /** [135, 19.2] Of a write: 1 counts most, 8 is an operator, 16 counts least, as where nothing is said. 6 is the device's own. */
    priority: z
      .int()
      .min(1)
      .max(16)
      .refine((priority) => priority !== 6, '6 is for the device itself: minimum on and off times')
      .optional(),
    /** The value that stands for giving the priority up again, so that what is below it counts. */
    releaseAt: z.number().optional(),
  })
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'there are no bits to mask')
  .refine(
    ({ write, property, address }) =>
      write === undefined || (property === BACNET_PRESENT_VALUE && bacnetObjectOf(address)?.value !== undefined),
    'only present values are written',
  )
  .refine(({ write, priority }) => priority === undefined || write !== undefined, 'priority needs write')
  .refine(({ priority, releaseAt }) => releaseAt === undefined || priority !== undefined, 'releaseAt needs priority')
export type BacnetTag = z.infer<typeof BacnetTag>
