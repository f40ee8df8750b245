/** EtherNet/IP refusals: what the codes mean, and what to look at. [CIP 1, B-1, 3-5.6; Rockwell 1756-PM020, error codes of each service] */
import type { TagCause } from '@skerry/contract/sources/tag'
import type { Reply } from './message.ts'

type Refusal = Pick<Reply, 'status' | 'extended'>

const TAG_CODES: Readonly<Record<number, [code: string, message: string]>> = {
  2: ['equipment_busy', 'the controller has no memory left to answer'],
  4: ['address_unknown', 'the controller has no such tag; check that its external access is allowed'],
  5: ['address_unknown', 'the controller has no such tag'],
  8: ['request_refused', 'the controller does not know this service'],
  12: ['equipment_busy', 'the controller cannot do this in its current state'],
  15: ['access_refused', 'the controller does not permit reading or writing this'],
  16: [
    'access_refused',
    'the controller does not permit writing this in its current state; check its key switch (RUN)',
  ],
}

/** [1756-PM020] Of status 255. */
const EXTENDED_CODES: Readonly<Record<number, [code: string, message: string]>> = {
  8452: ['address_unknown', 'the tag has no such element'],
  8453: ['address_unknown', 'the array ends before its last element'],
  8455: ['type_wrong', 'the tag is of another type'],
}

/** Why the controller refuses, in words. */
export function refusalCause({ status, extended }: Refusal): TagCause {
  const known = status === 255 && extended !== undefined ? EXTENDED_CODES[extended] : TAG_CODES[status]
  const [code, message] = known ?? ['request_refused', 'the controller rejects it']
  return { code, message: `${message} (${numbersOf({ status, extended })})` }
}

/** [CIP 1, table 3-5.29] Of a connection that is asked for. */
const CONNECTION_CODES: Readonly<Record<number, string>> = {
  256: 'the connection is in use',
  265: 'it accepts no connection of this size',
  275: 'it has no connections left',
  516: 'the slot does not answer',
  785: 'it has no such port',
  786: 'it has no such slot',
}

/** Why there is no connection, in words. */
export function connectionRefusal({ status, extended }: Refusal): string {
  const words = status === 1 && extended !== undefined ? CONNECTION_CODES[extended] : undefined
  return `${words ?? 'it rejects the connection'} (${numbersOf({ status, extended })})`
}

const numbersOf = ({ status, extended }: Refusal) =>
  extended === undefined ? `status ${status}` : `status ${status}, 0x${extended.toString(16).padStart(4, '0')}`
