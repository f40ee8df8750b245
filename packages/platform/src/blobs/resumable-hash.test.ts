import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf } from '../files/hash.ts'
import { openResumableHasher } from './resumable-hash.ts'

test('wherever it is written down and gone on with, the digest is that of all bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (pieces) => {
      let hasher = await openResumableHasher()
      for (const piece of pieces) {
        hasher.update(piece)
        hasher.digest()
        hasher = await openResumableHasher(hasher.save())
      }
      expect(hasher.digest()).toBe(digestOf(Buffer.concat(pieces)))
    }),
  )
})

test('what is no state is refused', async () => {
  await expect(openResumableHasher('')).rejects.toThrow()
  await expect(openResumableHasher(Buffer.alloc(116, 1).toString('base64'))).rejects.toThrow()
})
