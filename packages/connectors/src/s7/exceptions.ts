/** S7 rejections: the meaning of the codes, and advice for the operator. */
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

/** The reason why the CPU rejects a request, in words. */
export function refusalCause(refusal: number): TagCause {
  const [code, message] = CODES[refusal] ?? ['request_refused', 'the CPU rejects the request']
  return { code, message: `${message} (0x${refusal.toString(16).padStart(2, '0')})` }
}

/** With these codes, other parts of the block may be valid. */
export const isAboutAddress = (refusal: number): boolean => refusal === 5 || refusal === 10 || refusal === 3
