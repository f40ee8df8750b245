/** Tar write: entries of an archive in the form of ustar. The same files give the same bytes everywhere. */

const BLOCK_BYTES = 512

export const TAR_HEADER_BYTES = BLOCK_BYTES

/** [POSIX.1-2001, pax, ustar Interchange Format] */
const NAME_MAX = 100
const PREFIX_MAX = 155

export type TarFile = { path: string; bytes: Uint8Array; isProgram?: boolean }

/** An entry: header, bytes and padding. */
export function tarEntry({ path, bytes, isProgram = false }: TarFile): Buffer[] {
  const padding = Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES)
  return [tarHeader(path, bytes.length, isProgram), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), padding]
}

/** The header alone, for a file whose bytes are streamed. Pad them with `tarPadding`. */
export function tarHeader(path: string, sizeBytes: number, isProgram = false): Buffer {
  const { prefix, name } = splitPath(path)
  const header = Buffer.alloc(BLOCK_BYTES)
  header.write(name, 0)
  header.write(isProgram ? '0000755\0' : '0000644\0', 100)
  // Owner and group are those of the person who unpacks it.
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  writeSize(header, sizeBytes)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  header.write(prefix, 345)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

export const tarPadding = (sizeBytes: number): Buffer =>
  Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES)

/** Two blocks of zeros. */
export const TAR_END = Buffer.alloc(2 * BLOCK_BYTES)

/** [GNU tar, Basic Tar Format] A size of 8 GiB or more is binary, with the highest bit set. */
const OCTAL_SIZE_MAX = 8 ** 11 - 1

function writeSize(header: Buffer, sizeBytes: number): void {
  if (sizeBytes <= OCTAL_SIZE_MAX) {
    header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124)
    return
  }
  header[124] = 0x80
  header.writeBigUInt64BE(BigInt(sizeBytes), 128)
}

function splitPath(path: string): { prefix: string; name: string } {
  if (Buffer.byteLength(path) <= NAME_MAX) return { prefix: '', name: path }
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)]
    if (Buffer.byteLength(prefix) <= PREFIX_MAX && Buffer.byteLength(name) <= NAME_MAX) return { prefix, name }
  }
  throw new Error(`${path} is too long for an archive`)
}
