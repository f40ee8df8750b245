/** Modbus exceptions: what the codes mean, and what to look at. [Modbus Application Protocol V1.1b3, 7] */
import type { TagCause } from '@skerry/contract/sources/tag'

const EXCEPTIONS: Readonly<Record<number, [code: string, message: string]>> = {
  1: ['function_unknown', 'the equipment does not know this kind of request; check the table in the address'],
  2: ['address_unknown', 'the equipment has nothing at this address; check whether its manual counts from 1'],
  3: ['address_unknown', 'the equipment rejects the length of the request'],
  4: ['equipment_failed', 'the equipment reports a failure'],
  5: ['equipment_busy', 'the equipment accepted the request and has not finished it'],
  6: ['equipment_busy', 'the equipment was busy at every attempt'],
  8: ['equipment_failed', 'the memory of the equipment has a parity error'],
  10: ['gateway_misconfigured', 'the gateway has no way to this unit'],
  11: ['unit_silent', 'the gateway reaches no unit with this number'],
}

/** `silent`: it did not answer. `left-alone`: it did not lately, and was not asked. */
export type Exception = number | 'silent' | 'left-alone'

/** Why equipment refuses, in words. */
export function exceptionCause(exception: Exception): TagCause {
  if (typeof exception !== 'number')
    return { code: 'unit_silent', message: 'no unit with this number answers on the line' }
  const [code, message] = EXCEPTIONS[exception] ?? ['request_refused', 'the equipment rejects the request']
  return { code, message: `${message} (exception ${exception})` }
}
