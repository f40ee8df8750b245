/** Image: a PNG file as the recogniser wants it: 48 pixels high, RGB planes, from -1 to 1. */
import { readFile } from 'node:fs/promises'
import { PNG } from 'pngjs'
import type { Floats } from './ask.ts'

/** [PP-OCRv4 recognition] The height that the network was trained on; the width is free. */
const HEIGHT = 48

/** 2,000 pixels hold a line of some 150 characters. */
const WIDTH_MAX = 2_000

export async function readImage(path: string): Promise<Floats> {
  const { width, height, data } = PNG.sync.read(await readFile(path))
  const scale = height / HEIGHT
  const scaledWidth = Math.min(WIDTH_MAX, Math.max(1, Math.round(width / scale)))
  const values = new Float32Array(3 * HEIGHT * scaledWidth)
  const at = (x: number, y: number, channel: number) =>
    data[(Math.min(y, height - 1) * width + Math.min(x, width - 1)) * 4 + channel] ?? 0
  for (let channel = 0; channel < 3; channel += 1) {
    for (let y = 0; y < HEIGHT; y += 1) {
      for (let x = 0; x < scaledWidth; x += 1) {
        const value = bilinear((column, row) => at(column, row, channel), x * scale, y * scale)
        values[(channel * HEIGHT + y) * scaledWidth + x] = (value / 255 - 0.5) / 0.5
      }
    }
  }
  return { shape: [1, 3, HEIGHT, scaledWidth], values }
}

/** The value between four pixels. */
function bilinear(at: (x: number, y: number) => number, x: number, y: number): number {
  const left = Math.floor(x)
  const top = Math.floor(y)
  const right = x - left
  const below = y - top
  const upper = at(left, top) * (1 - right) + at(left + 1, top) * right
  const lower = at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right
  return upper * (1 - below) + lower * below
}
