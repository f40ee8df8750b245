import { DataFingerprint } from '@skerry/contract/campaigns/data-version'
import { expect, test } from 'vitest'
import { fingerprintWith } from './data-fingerprint.ts'

test('a fingerprint depends on the rows and on the secret of the device, and shows neither', () => {
  const [here, there] = [fingerprintWith(new Uint8Array(32).fill(1)), fingerprintWith(new Uint8Array(32).fill(2))]
  const [rows, others] = ['a'.repeat(64), 'b'.repeat(64)]
  expect(DataFingerprint.parse(here(rows))).toBe(fingerprintWith(new Uint8Array(32).fill(1))(rows))
  expect(new Set([rows, here(rows), here(others), there(rows)]).size).toBe(4)
})
