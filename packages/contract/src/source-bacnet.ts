/** BACnet/IP source: heating, ventilation and air conditioning of a building. [ASHRAE 135] Not held against real equipment. */
import * as z from 'zod'
import { Host } from './host.ts'
import { TagShape } from './tag.ts'

/** [135, 21] Kinds of objects that have a present value of one number, one truth or one text, and what it is. */
const OBJECTS = {
  'analog-input': { type: 0, value: 'real' },
  'analog-output': { type: 1, value: 'real' },
  'analog-value': { type: 2, value: 'real' },
  'binary-input': { type: 3, value: 'binary' },
  'binary-output': { type: 4, value: 'binary' },
  'binary-value': { type: 5, value: 'binary' },
  device: { type: 8, value: undefined },
  loop: { type: 12, value: 'real' },
  'multi-state-input': { type: 13, value: 'unsigned' },
  'multi-state-output': { type: 14, value: 'unsigned' },
  'multi-state-value': { type: 19, value: 'unsigned' },
  accumulator: { type: 23, value: 'unsigned' },
  'characterstring-value': { type: 40, value: 'text' },
  'integer-value': { type: 45, value: 'signed' },
  'large-analog-value': { type: 46, value: 'double' },
  'positive-integer-value': { type: 48, value: 'unsigned' },
} as const

/** As what a present value is written. */
export type BacnetValueType = 'real' | 'double' | 'binary' | 'unsigned' | 'signed' | 'text'

const KINDS: Readonly<Record<string, { type: number; value: BacnetValueType | undefined }>> = OBJECTS

/** [135, 12.11] The highest number; a device takes it as its own, whichever that is. */
export const BACNET_INSTANCE_MAX = 4_194_303

const ADDRESS = /^([a-z-]+):(\d{1,7})$/

export type BacnetObject = { type: number; instance: number; value: BacnetValueType | undefined }

/** Undefined where it is no address. */
export function bacnetObjectOf(address: string): BacnetObject | undefined {
  const [, kind = '', digits = ''] = ADDRESS.exec(address) ?? []
  const object = KINDS[kind]
  const instance = Number(digits)
  return object && instance <= BACNET_INSTANCE_MAX ? { ...object, instance } : undefined
}

/** The address of an object, where its kind is known here. */
export function bacnetAddressOf({ type, instance }: { type: number; instance: number }): string | undefined {
  const kind = Object.entries(KINDS).find(([, object]) => object.type === type)
  return kind && `${kind[0]}:${instance}`
}

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
})
export type BacnetConnection = z.infer<typeof BacnetConnection>

/** [135, 21] The present value. */
export const BACNET_PRESENT_VALUE = 85

export const BacnetTag = z
  .strictObject({
    ...TagShape,
    /** `analog-input:1`, `binary-output:7`. */
    address: z
      .string()
      .max(40)
      .refine((address) => bacnetObjectOf(address) !== undefined, {
        error: `must be a kind of object and its number, such as analog-input:1; kinds are ${Object.keys(OBJECTS).join(', ')}`,
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
