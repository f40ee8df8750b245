/** Tar: a small archive in memory, in the form of ustar. */

export type TarFile = { path: string; bytes: Uint8Array; linkTo?: string; type?: string }

const BLOCK_BYTES = 512

/** The archive with its two blocks of zeros at the end. */
export function tarOf(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.flatMap(entryOf), Buffer.alloc(2 * BLOCK_BYTES)])
}

function entryOf({ path, bytes, linkTo = '', type = linkTo === '' ? '0' : '2' }: TarFile): Buffer[] {
  const header = Buffer.alloc(BLOCK_BYTES)
  header.write(path, 0, 100)
  header.write('0000644\0', 100)
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write(type, 156)
  header.write(linkTo, 157, 100)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padding = Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES)
  return [header, Buffer.from(bytes), padding]
}
