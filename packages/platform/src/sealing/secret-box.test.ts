import fc from 'fast-check'
import { expect, test } from 'vitest'
import { generateSecretKey, openBox, sealBox, secretKeyId } from './secret-box.ts'

test('what is sealed opens with its key and its purpose, and with nothing else', () => {
  const key = generateSecretKey()
  const other = generateSecretKey()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), fc.nat(), (plain, purpose, place) => {
      const box = sealBox(key, plain, purpose)
      expect(openBox(key, box, purpose)).toEqual(Buffer.from(plain))
      expect(openBox(other, box, purpose)).toBeUndefined()
      expect(openBox(key, box, `${purpose}x`)).toBeUndefined()
      const changed = Uint8Array.from(box)
      const index = place % box.length
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(openBox(key, changed, purpose)).toBeUndefined()
      expect(openBox(key, box.subarray(0, index), purpose)).toBeUndefined()
    }),
    { numRuns: 100 },
  )
})

test('the same bytes are sealed differently each time, and keys have names that tell them apart', () => {
  const key = generateSecretKey()
  expect(sealBox(key, Buffer.from('a'), '')).not.toEqual(sealBox(key, Buffer.from('a'), ''))
  expect(secretKeyId(key)).toBe(secretKeyId(Uint8Array.from(key)))
  expect(secretKeyId(key)).not.toBe(secretKeyId(generateSecretKey()))
})
