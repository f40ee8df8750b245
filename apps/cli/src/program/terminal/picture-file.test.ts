import fc from 'fast-check'
import { expect, test } from 'vitest'
import { endingOf, pictureBytes, pictureIn } from './picture-file.ts'

const side = fc.integer({ min: 1, max: 9 })

test('a picture that is written is read as it was', () => {
  fc.assert(
    fc.property(
      side,
      side,
      fc.constantFrom(1 as const, 3 as const),
      fc.infiniteStream(fc.nat(255)),
      (width, height, channels, bytes) => {
        const data = Uint8Array.from({ length: width * height * channels }, () => bytes.next().value ?? 0)
        const image = { width, height, channels, data }
        expect(pictureIn(pictureBytes(image))).toEqual(image)
        expect(endingOf(image)).toBe(channels === 3 ? 'ppm' : 'pgm')
      },
    ),
  )
})

const file = (head: string, ...bytes: number[]) => Buffer.concat([Buffer.from(head), Buffer.from(bytes)])

test('a picture of another program is read with its remarks, and no whitespace is taken for a pixel or the other way', () => {
  const read = pictureIn(file('P5 # by hand\n# of two pixels\n2 1\n255\n', 10, 35))
  expect(read).toEqual({ width: 2, height: 1, channels: 1, data: Uint8Array.of(10, 35) })
})

test.each([
  ['another kind', file('P3\n1 1\n255\n1 2 3')],
  ['one of 16 bits', file('P5\n1 1\n65535\n', 1, 2)],
  ['one that is cut off', file('P6\n1 1\n255\n', 1, 2)],
  ['more than one', file('P5\n1 1\n255\n', 1, 2)],
  ['none', file('')],
  ['one without pixels', file('P5\n0 0\n255\n')],
])('%s is no picture', (_, bytes) => {
  expect(pictureIn(bytes)).toBeUndefined()
})
