/** EtherNet/IP identity: what equipment says that it is, to whoever asks without a session. [CIP 2, 2-4.2] */
import { viewOf } from './bytes.ts'

export type Identity = { name: string; revision: string; vendor: number; deviceType: number; serial: string }

/** Of the item, and its address, which equipment behind a router has wrong. */
const IDENTITY_ITEM = 0x0c
const ITEM = 6
const ADDRESS_END = ITEM + 2 + 16
const NAME = ADDRESS_END + 14

/** Undefined where it is none, or ends before what it says. */
export function identityIn(data: Uint8Array): Identity | undefined {
  if (data.length <= NAME) return undefined
  const view = viewOf(data)
  const length = data[NAME] ?? 0
  if (view.getUint16(2, true) !== IDENTITY_ITEM || data.length < NAME + 1 + length) return undefined
  return {
    name: String.fromCharCode(...data.subarray(NAME + 1, NAME + 1 + length)).trim(),
    revision: `${data[ADDRESS_END + 6]}.${data[ADDRESS_END + 7]}`,
    vendor: view.getUint16(ADDRESS_END, true),
    deviceType: view.getUint16(ADDRESS_END + 2, true),
    serial: view
      .getUint32(ADDRESS_END + 10, true)
      .toString(16)
      .padStart(8, '0'),
  }
}
