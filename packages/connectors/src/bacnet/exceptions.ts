/** BACnet refusals: what a device says in place of an answer, and what to look at. [ASHRAE 135, 18] */
import type { TagCause } from '@skerry/contract/sources/tag'

/** `abort`: it gave the request up, or does not know it; `unreadable`: what came was no answer to it. */
export type Refusal =
  | { kind: 'error'; class: number; code: number }
  | { kind: 'abort'; reason: number }
  | { kind: 'unreadable' }

const ERROR = /^BacnetError - Class:(\d+) - Code:(\d+)/
const ABORT = /^BacnetAbort - Reason:(\d+)/

/** The library says it in words. */
export function refusalOf(error: unknown): Refusal {
  const text = error instanceof Error ? error.message : ''
  const [, errorClass, code] = ERROR.exec(text) ?? []
  if (code !== undefined) return { kind: 'error', class: Number(errorClass), code: Number(code) }
  const [, reason] = ABORT.exec(text) ?? []
  return reason === undefined ? { kind: 'unreadable' } : { kind: 'abort', reason: Number(reason) }
}

/** [135, 21] By code of an error. */
const CODES: Readonly<Record<number, [code: string, message: string]>> = {
  9: ['type_wrong', 'the device does not accept a value of this type there'],
  27: ['access_refused', 'the device does not permit reading this'],
  31: ['address_unknown', 'the device has no such object'],
  32: ['address_unknown', 'the object has no such property'],
  37: ['value_refused', 'the device says that the value is out of range'],
  40: [
    'access_refused',
    'the device does not permit writing this; a present value can be written only while it is commandable',
  ],
  42: ['address_unknown', 'the property has no such index'],
}

/** Why the device refuses, in words. */
export function refusalCause(refusal: Refusal): TagCause {
  if (refusal.kind === 'unreadable')
    return { code: 'answer_unreadable', message: 'the answer of the device cannot be read' }
  if (refusal.kind === 'abort')
    return { code: 'request_refused', message: `the device aborted the request (reason ${refusal.reason})` }
  const [code, message] = CODES[refusal.code] ?? ['request_refused', 'the device rejects it']
  return { code, message: `${message} (class ${refusal.class}, code ${refusal.code})` }
}
