import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineCutter } from './lines.ts'

test('the same lines are found wherever the bytes are cut', () => {
  const text = fc.array(fc.string({ unit: fc.constantFrom('a', '1', '\r', 'ü') }), { maxLength: 8 })
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (lines, cuts) => {
      const whole = lines.filter((line) => !line.endsWith('\r'))
      const bytes = Buffer.from(whole.map((line) => `${line}\r\n`).join(''), 'latin1')
      const cut = createLineCutter('\r\n')
      const places = [0, ...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length]
      const told = places.slice(1).flatMap((end, index) => cut(bytes.subarray(places[index], end)))
      expect(told).toEqual(whole)
    }),
  )
})

test('a line that never ends is dropped', () => {
  const cut = createLineCutter('\n')
  expect(cut(Buffer.from('x'.repeat(5_000)))).toEqual([])
  expect(cut(Buffer.from('rest\nnext\n'))).toEqual(['rest', 'next'])
})
