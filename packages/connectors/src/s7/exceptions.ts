/** S7 refusals: what the codes mean, and what to look at. */
import type { TagCause } from '@skerry/contract/sources/tag'

const CODES: Readonly<Record<number, [code: string, message: string]>> = {
  1: ['equipment_failed', 'the CPU says that its hardware failed'],
  3: ['access_refused', 'the CPU does not let this be read or written; is PUT/GET allowed in its protection settings?'],
  5: ['address_unknown', 'the CPU has nothing at this address'],
  6: ['type_wrong', 'the CPU does not know this kind of data'],
  7: ['type_wrong', 'the CPU says that the data does not fit'],
  10: ['address_unknown', 'the CPU has no such block; an optimised one has no addresses'],
}

/** Why the CPU refuses, in words. */
export function refusalCause(refusal: number): TagCause {
  const [code, message] = CODES[refusal] ?? ['request_refused', 'the CPU refuses the request']
  return { code, message: `${message} (0x${refusal.toString(16).padStart(2, '0')})` }
}

/** Of these a part of the block may be innocent. */
export const isAboutAddress = (refusal: number): boolean => refusal === 5 || refusal === 10 || refusal === 3
