import { KeyId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { toJson } from '../store/json-column.ts'
import { type StoredHand, storedHand } from './batch-hand.ts'

const id = KeyId.parse('key_abcdefgh')

test('a hand is read as it was written, and as hubs wrote it that knew keys only', () => {
  const hand = { kind: 'key', id, personId: id, name: 'night', atMs: 7 } as const
  expect(storedHand(toJson<StoredHand>(hand))).toEqual(hand)
  expect(storedHand(toJson<StoredHand>({ keyId: id, name: 'night', atMs: 7 }))).toEqual(hand)
})
