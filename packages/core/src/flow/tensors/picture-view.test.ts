import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Image } from '../../equipment/image.ts'
import type { Box } from './boxes.ts'
import { type ImageRule, placementOf, tensorOfImage } from './image-tensor.ts'
import { boxInPicture, type Placement, seenPart } from './picture-view.ts'

const RULE: ImageRule = {
  width: 64,
  height: 64,
  fit: 'pad',
  fill: 0,
  layout: 'nchw',
  order: 'rgb',
  scale: 1,
  mean: [0],
  std: [1],
}

/** Where a place in the picture is drawn. */
function boxInTensor({ left, top, right, bottom }: Box, { seen, into }: Placement): Box {
  const across = into.width / seen.width
  const down = into.height / seen.height
  return {
    left: into.x + (left - seen.x) * across,
    top: into.y + (top - seen.y) * down,
    right: into.x + (right - seen.x) * across,
    bottom: into.y + (bottom - seen.y) * down,
  }
}

const size = fc.integer({ min: 1, max: 500 })
const share = fc.double({ min: 0, max: 0.5, noNaN: true })
const crop = fc.option(
  fc.record({ x: share, y: share, width: share, height: share }).map(({ x, y, width, height }) => ({
    x,
    y,
    width: Math.max(0.001, width),
    height: Math.max(0.001, height),
  })),
  { nil: undefined },
)

test('back into the picture is the inverse of the way into the tensor, whatever the sizes, crop and fit', () => {
  const fit = fc.constantFrom('pad', 'stretch', 'cover')
  fc.assert(
    fc.property(fc.tuple(size, size, size, size), crop, fit, ([width, height, toWidth, toHeight], crop, fit) => {
      const view = placementOf({ width, height }, { ...RULE, width: toWidth, height: toHeight, crop, fit })
      const box = { left: 3, top: -7, right: 11, bottom: 13.5 }
      const back = boxInPicture(boxInTensor(box, view), view)
      for (const edge of ['left', 'top', 'right', 'bottom'] as const) expect(back[edge]).toBeCloseTo(box[edge], 6)
      // All of the tensor that is not filling is all that was seen of the picture.
      const { x, y, width: across, height: down } = view.into
      const whole = boxInPicture({ left: x, top: y, right: x + across, bottom: y + down }, view)
      expect(whole.left).toBeCloseTo(view.seen.x, 6)
      expect(whole.bottom).toBeCloseTo(view.seen.y + view.seen.height, 6)
    }),
  )
})

test.each<Partial<ImageRule>>([
  {},
  { fit: 'stretch' },
  { fit: 'cover', width: 96 },
  { crop: { x: 0.25, y: 0.25, width: 0.75, height: 0.5 } },
])('what stands in the tensor stands there in the picture: %j', (more) => {
  const thing = { left: 96, top: 48, right: 128, bottom: 72 }
  const { values, view } = tensorOfImage(pictureOf(160, 96, thing), { ...RULE, ...more })
  const seen = [...values.subarray(0, view.width * view.height).entries()].filter(([, value]) => value > 127)
  const columns = seen.map(([at]) => at % view.width)
  const rows = seen.map(([at]) => Math.floor(at / view.width))
  const box = {
    left: Math.min(...columns),
    top: Math.min(...rows),
    right: Math.max(...columns) + 1,
    bottom: Math.max(...rows) + 1,
  }
  const found = boxInPicture(box, view)
  // A pixel of the tensor is as many of the picture.
  const across = view.seen.width / view.into.width
  const down = view.seen.height / view.into.height
  expect(Math.abs(found.left - thing.left)).toBeLessThanOrEqual(across)
  expect(Math.abs(found.right - thing.right)).toBeLessThanOrEqual(across)
  expect(Math.abs(found.top - thing.top)).toBeLessThanOrEqual(down)
  expect(Math.abs(found.bottom - thing.bottom)).toBeLessThanOrEqual(down)
})

/** Black, with something white in it. */
function pictureOf(width: number, height: number, { left, top, right, bottom }: Box): Image {
  const data = new Uint8Array(width * height * 3)
  for (let y = top; y < bottom; y++) data.fill(255, (y * width + left) * 3, (y * width + right) * 3)
  return { width, height, channels: 3, data }
}

test('of a box beyond what was seen a part is left, and of one beside it nothing', () => {
  const view = { seen: { x: 10, y: 0, width: 20, height: 20 }, into: { x: 0, y: 0, width: 1, height: 1 } }
  expect(seenPart({ left: 0, top: 5, right: 15, bottom: 30 }, view)).toEqual({
    left: 10,
    top: 5,
    right: 15,
    bottom: 20,
  })
  expect(seenPart({ left: 0, top: 5, right: 10, bottom: 30 }, view)).toBeUndefined()
})
