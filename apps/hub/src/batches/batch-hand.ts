/** Batch hand: who created, signed, sent or cancelled a batch, as its row keeps it. */
import type { BatchHand } from '@skerry/contract/batches/batch'
import type { KeyId } from '@skerry/contract/values/ids'
import type { Caller } from '@skerry/core/people/access'
import { fromJson, type Json } from '../store/json-column.ts'

/** The second is what hubs wrote that knew keys only. */
export type StoredHand = BatchHand | { keyId: KeyId; name: string; atMs: number }

/** The caller's hand, now. */
export const handOf = ({ kind, id, personId, name }: Caller, atMs: number): BatchHand => ({
  kind,
  id,
  personId,
  name,
  atMs,
})

/** The hand that the row keeps. */
export function storedHand(json: Json<StoredHand>): BatchHand {
  const hand = fromJson(json)
  if (!('keyId' in hand)) return hand
  const { keyId, name, atMs } = hand
  return { kind: 'key', id: keyId, personId: keyId, name, atMs }
}
