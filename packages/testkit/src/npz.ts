/** Npz: an archive of arrays as numpy writes it, and arrays that it would never write. */
import { crc32, deflateRawSync } from 'node:zlib'

export type Npy = {
  /** The type in numpy's words, such as `<f4`. */
  descr: string
  shape: readonly number[]
  data: Uint8Array
  isFortran?: boolean
  /** The format version; 1 by default. */
  version?: number
}

export type ZipOptions = { isDeflated?: boolean; method?: number; flags?: number; comment?: string }

/** An array of floats. */
export const float32 = (shape: readonly number[], ...values: number[]): Npy => ({
  descr: '<f4',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
})

/** [numpy/lib/_format_impl.py] The header is padded to 64 bytes. */
export function npyOf({ descr, shape, data, isFortran = false, version = 1 }: Npy): Buffer<ArrayBuffer> {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const order = isFortran ? 'True' : 'False'
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${sizes}), }`
  const start = version === 1 ? 10 : 12
  const header = `${text.padEnd(Math.ceil((start + text.length + 1) / 64) * 64 - start - 1)}\n`
  const front = Buffer.alloc(start)
  front.write('\x93NUMPY', 'latin1')
  front[6] = version
  if (version === 1) front.writeUInt16LE(header.length, 8)
  else front.writeUInt32LE(header.length, 8)
  return Buffer.concat([front, Buffer.from(header), data])
}

/** The archive of named arrays. */
export const npzOf = (arrays: Readonly<Record<string, Npy>>, options: ZipOptions = {}): Buffer<ArrayBuffer> =>
  zipOf(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npyOf(array)])), options)

/** [APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12, 4.3.16] Files, their directory, and the record at the end. */
export function zipOf(
  files: Readonly<Record<string, Uint8Array>>,
  { isDeflated = false, method = isDeflated ? 8 : 0, flags = 0, comment = '' }: ZipOptions = {},
): Buffer<ArrayBuffer> {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [path, content] of Object.entries(files)) {
    const name = Buffer.from(path)
    const packed = isDeflated ? deflateRawSync(content) : Buffer.from(content)
    const middle = Buffer.alloc(26)
    middle.writeUInt16LE(20, 0)
    middle.writeUInt16LE(flags, 2)
    middle.writeUInt16LE(method, 4)
    middle.writeUInt32LE(crc32(content), 10)
    middle.writeUInt32LE(packed.length, 14)
    middle.writeUInt32LE(content.length, 18)
    middle.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), middle, name, packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(at, 10)
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), middle, rest, name]))
    parts.push(local)
    at += local.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  )
  end.writeUInt32LE(at, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...parts, ...directory, end, Buffer.from(comment)])
}
