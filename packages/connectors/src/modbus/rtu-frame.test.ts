import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crcOf, findAnswer } from './rtu-frame.ts'

const framed = (...bytes: number[]) => {
  const crc = crcOf(Uint8Array.from(bytes))
  return Uint8Array.from([...bytes, crc & 0xff, crc >> 8])
}

test('the CRC equals that of the specification', () => {
  // [Modbus over Serial Line V1.02, 2.5.1.2] 02 07 gives 41 12.
  expect(crcOf(Uint8Array.of(2, 7))).toBe(0x1241)
})

const request = framed(3, 3, 0, 100, 0, 2)
const answer = framed(3, 3, 4, 0x40, 0x50, 0, 0)

test('an answer is found whole, behind any noise, and never before its last byte', () => {
  const noise = fc.uint8Array({ maxLength: 20 })
  fc.assert(
    fc.property(noise, (before) => {
      const bytes = Uint8Array.from([...before, ...answer])
      expect(findAnswer(request, bytes)).toEqual(answer)
      expect(findAnswer(request, bytes.subarray(0, -1))).toBeUndefined()
    }),
  )
})

test('an answer of another unit, function or length, or with a wrong CRC, is ignored', () => {
  const others = [
    framed(4, 3, 4, 0x40, 0x50, 0, 0),
    framed(3, 4, 4, 0x40, 0x50, 0, 0),
    framed(3, 3, 2, 0x40, 0x50),
    answer.with(4, 0x51),
  ]
  for (const other of others) expect(findAnswer(request, other)).toBeUndefined()
})

test('exceptions, bits and writes have their own lengths', () => {
  expect(findAnswer(request, framed(3, 0x83, 2))).toEqual(framed(3, 0x83, 2))
  expect(findAnswer(framed(3, 1, 0, 0, 0, 9), framed(3, 1, 2, 0xff, 1))).toEqual(framed(3, 1, 2, 0xff, 1))
  expect(findAnswer(framed(3, 6, 0, 1, 0, 3), framed(3, 6, 0, 1, 0, 3))).toEqual(framed(3, 6, 0, 1, 0, 3))
})

test('a late answer to a write is not taken for another write, nor for a reading', () => {
  const late = framed(3, 6, 0, 1, 0, 3)
  for (const asked of [framed(3, 6, 0, 2, 0, 3), framed(3, 6, 0, 1, 0, 4), request])
    expect(findAnswer(asked, late)).toBeUndefined()
  const several = framed(3, 16, 0, 1, 0, 2, 4, 0, 1, 0, 2)
  expect(findAnswer(several, framed(3, 16, 0, 1, 0, 2))).toEqual(framed(3, 16, 0, 1, 0, 2))
  expect(findAnswer(several, framed(3, 16, 0, 9, 0, 2))).toBeUndefined()
  // If both answers are there, the right one is found.
  expect(findAnswer(request, Uint8Array.from([...late, ...answer]))).toEqual(answer)
})
