import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Image } from '../../equipment/image.ts'
import { type ImageRule, placementOf, tensorOfImage } from './image-tensor.ts'

const RULE: ImageRule = {
  width: 2,
  height: 2,
  fit: 'stretch',
  fill: 0,
  layout: 'nchw',
  order: 'rgb',
  scale: 1,
  mean: [0],
  std: [1],
}

/** Each pixel says its column, its row and 9. */
const places = (width: number, height: number): Image => ({
  width,
  height,
  channels: 3,
  data: Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const column = Math.floor(at / 3) % width
    const row = Math.floor(at / 3 / width)
    return [column, row, 9][at % 3] ?? 0
  }),
})

test('a picture of the wanted size is given as it is, in planes or pixels, in either order of colours', () => {
  const given = (rule: Partial<ImageRule>) => [...tensorOfImage(places(2, 2), { ...RULE, ...rule }).values]
  expect(given({})).toEqual([0, 1, 0, 1, 0, 0, 1, 1, 9, 9, 9, 9])
  expect(given({ layout: 'nhwc' })).toEqual([0, 0, 9, 1, 0, 9, 0, 1, 9, 1, 1, 9])
  expect(given({ order: 'bgr' })).toEqual([9, 9, 9, 9, 0, 0, 1, 1, 0, 1, 0, 1])
  expect(tensorOfImage(places(3, 2), { ...RULE, layout: 'nhwc' }).shape).toEqual([2, 2, 3])
})

test('numbers are scaled, and each channel has its own mean and spread', () => {
  const { values } = tensorOfImage(places(2, 2), { ...RULE, scale: 2, mean: [1, 2, 3], std: [1, 2, 5] })
  expect([...values]).toEqual([-1, 1, -1, 1, -1, -1, 0, 0, 3, 3, 3, 3])
})

test('half of the size is the mean of four pixels, as OpenCV and PyTorch have it', () => {
  expect([...tensorOfImage(places(4, 4), RULE).values].slice(0, 8)).toEqual([0.5, 2.5, 0.5, 2.5, 0.5, 0.5, 2.5, 2.5])
})

test('a crop is a part of it; another shape is padded, stretched or covered', () => {
  const crop = { x: 0.5, y: 0, width: 0.5, height: 1 }
  expect([...tensorOfImage(places(4, 2), { ...RULE, crop }).values].slice(0, 4)).toEqual([2, 3, 2, 3])
  const wide = { ...RULE, width: 4, height: 4, fill: 7 }
  const padded = tensorOfImage(places(4, 2), { ...wide, fit: 'pad' }).values
  expect([...padded].slice(0, 16)).toEqual([7, 7, 7, 7, 0, 1, 2, 3, 0, 1, 2, 3, 7, 7, 7, 7])
  const covered = tensorOfImage(places(4, 2), { ...RULE, fit: 'cover' }).values
  expect([...covered].slice(0, 4)).toEqual([1, 2, 1, 2])
})

test('whatever the sizes, each number lies between the pixels of the picture, and what is seen within it', () => {
  const size = fc.integer({ min: 1, max: 20 })
  const fit = fc.constantFrom('pad', 'stretch', 'cover')
  fc.assert(
    fc.property(size, size, size, size, fit, (width, height, toWidth, toHeight, fit) => {
      const image = places(width, height)
      const rule = { ...RULE, width: toWidth, height: toHeight, fit }
      const { values } = tensorOfImage(image, rule)
      expect(values).toHaveLength(toWidth * toHeight * 3)
      const most = Math.max(9, width, height)
      expect(values.every((value) => value >= 0 && value <= most)).toBe(true)
      const { seen, into } = placementOf(image, rule)
      expect(seen.x >= 0 && seen.x + seen.width <= width + 1e-9).toBe(true)
      expect(into.y >= 0 && into.y + into.height <= toHeight).toBe(true)
    }),
    { examples: [[14, 1, 17, 1, 'cover']] },
  )
})
