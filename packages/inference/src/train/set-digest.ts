/**
 * Set digest: identifies the rows of a training and their labels. Another value, another order of the rows, and a row that
 * came or went give another digest. It is as good as the rows for a person who can guess them, so it stays on the device.
 */
import { createHash } from 'node:crypto'
import type { DataSet } from './data-set.ts'

/** SHA-256 reads the rows once, and a training reads them in each epoch. */
export function digestOfSet({ rows, type, shape, targets, data, labels, held }: DataSet): Buffer {
  const hash = createHash('sha256')
  // The sizes come first, so that no other set has the same bytes in one line.
  hash.update(JSON.stringify({ rows, type, shape, targets: targets ?? null, chosen: held !== undefined }))
  for (const { buffer, byteOffset, byteLength } of [data, labels, ...(held ? [held] : [])])
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  return hash.digest()
}
