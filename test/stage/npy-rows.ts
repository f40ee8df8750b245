/** Rows of numbers with their labels, in files of numpy, as a device offers them to a campaign. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type LabelledRows = { rows: number; width: number; data: Float32Array; labels: BigInt64Array }

/** Makes the folder. */
export async function writeRows(path: string, { rows, width, data, labels }: LabelledRows): Promise<void> {
  await mkdir(path)
  await writeFile(join(path, 'data.npy'), npy('<f4', [rows, width], data))
  await writeFile(join(path, 'labels.npy'), npy('<i8', [rows], labels))
}

/** [NEP 1] A file of numpy. */
function npy(descr: string, shape: readonly number[], values: Float32Array | BigInt64Array): Buffer {
  const facts = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`
  const header = `${facts.padEnd(117)}\n`
  const magic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0])
  return Buffer.concat([magic, Buffer.from(header), Buffer.from(values.buffer, values.byteOffset, values.byteLength)])
}
