/** BACnet object: what a tag's address names. [ASHRAE 135] Needs no schemas, so that threads of sources do without them. */

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
export const BACNET_KINDS = Object.keys(OBJECTS)

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

/** [135, 21] The present value. */
export const BACNET_PRESENT_VALUE = 85
