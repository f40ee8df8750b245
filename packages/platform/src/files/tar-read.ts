/**
 * Tar read: the files of a streamed archive, one after the other. It reads the form that `tar-write` writes, and rejects
 * everything else: links, devices, and paths that could leave the folder into which somebody unpacks it.
 */

const BLOCK_BYTES = 512

export type TarFileHead = { path: string; sizeBytes: number; isProgram: boolean }

export class TarInvalid extends Error {}

/** Calls `onFile` for each file, which must use all bytes before it resolves. */
export async function readTar(
  chunks: AsyncIterable<Uint8Array>,
  onFile: (head: TarFileHead, bytes: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const source = openSource(chunks)
  for (;;) {
    const block = await source.exactly(BLOCK_BYTES)
    if (block.every((byte) => byte === 0)) return
    const head = readHead(block)
    await onFile(head, source.upTo(head.sizeBytes))
    await source.exactly((BLOCK_BYTES - (head.sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES)
  }
}

function readHead(block: Buffer): TarFileHead {
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0)
  if (sum !== octal(block, 148, 156)) throw new TarInvalid('a header of the archive is damaged')
  const type = text(block, 156, 157)
  const [prefix, name] = [text(block, 345, 500), text(block, 0, 100)]
  const path = prefix === '' ? name : `${prefix}/${name}`
  if (type !== '0') throw new TarInvalid(`${path} is no plain file`)
  const segments = path.split('/')
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new TarInvalid(`${path} is no plain relative path`)
  }
  return { path, sizeBytes: sizeOf(block), isProgram: (octal(block, 100, 108) & 0o100) !== 0 }
}

function text(block: Buffer, from: number, to: number): string {
  const part = block.subarray(from, to)
  const end = part.indexOf(0)
  return part.subarray(0, end === -1 ? part.length : end).toString('utf8')
}

/** [GNU tar, Basic Tar Format] A size of 8 GiB or more is binary, with the highest bit set. */
const sizeOf = (block: Buffer) =>
  (block[124] ?? 0) >= 0x80 ? Number(block.readBigUInt64BE(128)) : octal(block, 124, 136)

const octal = (block: Buffer, from: number, to: number) => Number.parseInt(text(block, from, to).trim() || '0', 8)

function openSource(chunks: AsyncIterable<Uint8Array>) {
  const iterator = chunks[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  const more = async () => {
    const next = await iterator.next()
    if (next.done) throw new TarInvalid('the archive ends too early')
    rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length)
  }
  async function* upTo(sizeBytes: number): AsyncGenerator<Uint8Array> {
    for (let left = sizeBytes; left > 0; ) {
      if (rest.length === 0) await more()
      const piece = rest.subarray(0, left)
      rest = rest.subarray(piece.length)
      left -= piece.length
      yield piece
    }
  }
  return {
    upTo,
    async exactly(sizeBytes: number): Promise<Buffer> {
      const pieces: Uint8Array[] = []
      for await (const piece of upTo(sizeBytes)) pieces.push(Buffer.from(piece))
      return Buffer.concat(pieces)
    },
  }
}
