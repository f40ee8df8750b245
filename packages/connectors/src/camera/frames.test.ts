import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFrameCutter } from './frames.ts'

test('pictures are cut correctly from any chunks, and an incomplete picture is dropped', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.array(fc.uint8Array({ maxLength: 30 })), (bytes, chunks) => {
      const frames: number[][] = []
      const cut = createFrameCutter(bytes, (frame) => frames.push([...frame]))
      for (const chunk of chunks) cut(chunk)
      const all = chunks.flatMap((chunk) => [...chunk])
      expect(frames.every((frame) => frame.length === bytes)).toBe(true)
      expect(frames.flat()).toEqual(all.slice(0, all.length - (all.length % bytes)))
    }),
  )
})

test('a picture does not change when the next one arrives', () => {
  const frames: Uint8Array[] = []
  const cut = createFrameCutter(2, (frame) => frames.push(frame))
  cut(Uint8Array.of(1, 2, 3, 4))
  expect(frames).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3, 4)])
})
