import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from './utf8.ts'

test('writes what the platform writes, and refuses half of a pair', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.oneof(fc.string({ unit: 'binary', maxLength: 2 }), fc.constant('\ud800')) }),
      (text) => {
        const bytes = encodeUtf8(text)
        if (text.isWellFormed()) expect(Buffer.from(bytes ?? [])).toEqual(Buffer.from(text, 'utf8'))
        else expect(bytes).toBeUndefined()
      },
    ),
  )
})

test('reads what the platform reads, and nothing else', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const read = (bytes: Uint8Array) => {
    try {
      return strict.decode(bytes)
    } catch {
      return undefined
    }
  }
  const texts = fc.string({ unit: 'binary' }).map((text) => new Uint8Array(Buffer.from(text.toWellFormed(), 'utf8')))
  const spoilt = fc.tuple(texts, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
    if (bytes.length > 0) bytes[at % bytes.length] = byte
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(texts, spoilt, fc.uint8Array({ maxLength: 8 })), (bytes) => {
      expect(decodeUtf8(bytes)).toBe(read(bytes))
    }),
    { numRuns: 2_000 },
  )
})
