/** IEC 104 element: what one object says of the equipment, with its quality. [IEC 60870-5-101, 7.2.6] */

/** `flags` as in QDS; those that a type has not are 0. */
export type Element = { value: number | boolean | undefined; flags: number; isCounter?: boolean }

/** [7.2.6.3] */
export const FLAG = { overflow: 0x01, blocked: 0x10, substituted: 0x20, notTopical: 0x40, invalid: 0x80 } as const

/** [7.2.6.9] Of counters, which have others. */
export const COUNTER_FLAG = { carry: 0x20, adjusted: 0x40, invalid: 0x80 } as const

export type TimeTag = 'none' | 'cp24' | 'cp56'
export const TIME_BYTES: Readonly<Record<TimeTag, number>> = { none: 0, cp24: 3, cp56: 7 }

type Form = { bytes: number; read(view: DataView): Element }

const QUALITY = 0xf0

/** Each kind of information, and the types without a time, with a short one, and with a long one. */
const FORMS: readonly (readonly [types: readonly number[], Form])[] = [
  [[1, 2, 30], { bytes: 1, read: (view) => single(view.getUint8(0)) }],
  [[3, 4, 31], { bytes: 1, read: (view) => double(view.getUint8(0)) }],
  [[5, 6, 32], { bytes: 2, read: (view) => ({ value: step(view.getUint8(0)), flags: view.getUint8(1) }) }],
  [[7, 8, 33], { bytes: 5, read: (view) => ({ value: view.getUint32(0, true), flags: view.getUint8(4) }) }],
  [[9, 10, 34], { bytes: 3, read: (view) => ({ value: normalised(view), flags: view.getUint8(2) }) }],
  [[11, 12, 35], { bytes: 3, read: (view) => ({ value: view.getInt16(0, true), flags: view.getUint8(2) }) }],
  [[13, 14, 36], { bytes: 5, read: (view) => ({ value: view.getFloat32(0, true), flags: view.getUint8(4) }) }],
  [[15, 16, 37], { bytes: 5, read: (view) => counter(view) }],
  [[21], { bytes: 2, read: (view) => ({ value: normalised(view), flags: 0 }) }],
]

const TIMES: readonly TimeTag[] = ['none', 'cp24', 'cp56']

/** By the type of the message. */
export const ELEMENTS: ReadonlyMap<number, Form & { time: TimeTag }> = new Map(
  FORMS.flatMap(([types, form]) =>
    types.map((type, index) => [type, { ...form, time: TIMES[index] ?? 'none' }] as const),
  ),
)

const single = (siq: number): Element => ({ value: (siq & 1) === 1, flags: siq & QUALITY })

/** [7.2.6.2] 1 is off, 2 is on; between the two, and where both ends say yes, there is no value. */
function double(diq: number): Element {
  const position = diq & 3
  return { value: position === 1 ? false : position === 2 ? true : undefined, flags: diq & QUALITY }
}

/** [7.2.6.5] Seven bits with a sign; the eighth says that it moves just now. */
const step = (vti: number) => ((vti & 0x7f) << 25) >> 25

const normalised = (view: DataView) => view.getInt16(0, true) / 2 ** 15

const counter = (view: DataView): Element => ({
  value: view.getInt32(0, true),
  flags: view.getUint8(4),
  isCounter: true,
})

/** [7.2.6.18, CP56Time2a] Undefined where its station says that it is wrong, or it is no time. */
export function readTime(view: DataView, at: number): number | undefined {
  const minute = view.getUint8(at + 2)
  const hour = view.getUint8(at + 3)
  if ((minute & 0x80) !== 0) return undefined
  const day = view.getUint8(at + 4) & 0x1f
  const month = view.getUint8(at + 5) & 0x0f
  const year = view.getUint8(at + 6) & 0x7f
  const milliseconds = view.getUint16(at, true)
  if (month < 1 || month > 12 || day < 1 || milliseconds > 59_999) return undefined
  const summerMs = (hour & 0x80) === 0 ? 0 : 3_600_000
  return Date.UTC(2000 + year, month - 1, day, hour & 0x1f, minute & 0x3f, 0, milliseconds) - summerMs
}
