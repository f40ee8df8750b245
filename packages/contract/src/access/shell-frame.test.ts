import { expect, test } from 'vitest'
import { frameReader, sizeContent, sizeIn, writeFrame } from './shell-frame.ts'

test('frames survive any cut of their bytes', () => {
  const text = new TextEncoder().encode('ls -l\r')
  const bytes = [
    writeFrame('input', text),
    writeFrame('resize', sizeContent({ columns: 300, rows: 70 })),
    writeFrame('end'),
  ]
  const all = Uint8Array.from(bytes.flatMap((each) => [...each]))
  for (const length of [1, 2, 3, 5, 7, all.length]) {
    const read = frameReader()
    const frames = []
    for (let at = 0; at < all.length; at += length) frames.push(...read(all.subarray(at, at + length)))
    expect(frames.map(({ kind }) => kind)).toEqual(['input', 'resize', 'end'])
    expect(new TextDecoder().decode(frames[0]?.content)).toBe('ls -l\r')
    expect(sizeIn(frames[1]?.content ?? new Uint8Array())).toEqual({ columns: 300, rows: 70 })
  }
})

test('bytes that are no frames are rejected before they are gathered', () => {
  expect(() => frameReader()(new Uint8Array([9, 0, 0, 0, 0]))).toThrow('no frame')
  expect(() => frameReader()(new Uint8Array([1, 255, 0, 0, 0]))).toThrow('no frame')
  expect(sizeIn(new Uint8Array([0, 0, 0, 1]))).toBeUndefined()
})
