/** S7 refusals: what the codes mean, and what to look at. */
import type { TagCause } from '@skerry/contract/sources/tag'

const CODES: Readonly<Record<number, [code: string, message: string]>> = {
  1: ['equipment_failed', 'the CPU reports failed hardware'],
  3: [
    'access_refused',
    'the CPU does not permit reading or writing this; check that its protection settings allow PUT/GET',
  ],
  5: ['address_unknown', 'the CPU has nothing at this address'],
  6: ['type_wrong', 'the CPU does not know this kind of data'],
  7: ['type_wrong', 'the CPU reports that the data does not fit'],
  10: ['address_unknown', 'the CPU has no such block with addresses; an optimised block has none'],
}

/** Why the CPU refuses, in words. */
export function refusalCause(refusal: number): TagCause {
  const [code, message] = CODES[refusal] ?? ['request_refused', 'the CPU rejects the request']
  return { code, message: `${message} (0x${refusal.toString(16).padStart(2, '0')})` }
}

/** Of these a part of the block may be innocent. */
export const isAboutAddress = (refusal: number): boolean => refusal === 5 || refusal === 10 || refusal === 3
