/**
 * Shell frames: the bytes of a shell's stream. A frame has a kind (one byte), a length (four bytes, the highest first)
 * and its content. The hub reads them for the recording, and passes them on as they are.
 */

/**
 * input, output, errors: bytes of the program's three files; a terminal has no separate errors. resize: the size of the
 * terminal, as two numbers of two bytes, columns first. end: the input has ended. exit: the exit code, one byte.
 */
export const FRAME_KINDS = { input: 1, output: 2, errors: 3, resize: 4, end: 5, exit: 6 } as const
export type FrameKind = keyof typeof FRAME_KINDS

export type ShellFrame = { kind: FrameKind; content: Uint8Array }

/** A longer content is sent in several frames. Bigger ones come from a broken program. */
export const FRAME_BYTES_MAX = 256 * 1024

const HEAD_BYTES = 5

const kindsByNumber: ReadonlyMap<number, FrameKind> = new Map(
  Object.entries(FRAME_KINDS).map(([kind, number]) => [number, kind as FrameKind]),
)

/** The bytes of a frame. */
export function writeFrame(kind: FrameKind, content: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD_BYTES + content.byteLength)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, FRAME_KINDS[kind])
  view.setUint32(1, content.byteLength)
  bytes.set(content, HEAD_BYTES)
  return bytes
}

/** The content of a frame `resize`. */
export function sizeContent({ columns, rows }: { columns: number; rows: number }): Uint8Array {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint16(0, columns)
  view.setUint16(2, rows)
  return new Uint8Array(view.buffer)
}

/** The size in a frame `resize`; undefined if it is no size of a terminal. */
export function sizeIn(content: Uint8Array): { columns: number; rows: number } | undefined {
  if (content.byteLength !== 4) return undefined
  const view = new DataView(content.buffer, content.byteOffset, 4)
  const [columns, rows] = [view.getUint16(0), view.getUint16(2)]
  return columns >= 1 && columns <= 1_000 && rows >= 1 && rows <= 1_000 ? { columns, rows } : undefined
}

/** Reads frames from pieces of any length. Throws if the bytes are no frames. */
export function frameReader(): (piece: Uint8Array) => ShellFrame[] {
  let rest = new Uint8Array()
  return (piece) => {
    const bytes = new Uint8Array(rest.byteLength + piece.byteLength)
    bytes.set(rest)
    bytes.set(piece, rest.byteLength)
    const view = new DataView(bytes.buffer)
    const frames: ShellFrame[] = []
    let at = 0
    while (bytes.byteLength - at >= HEAD_BYTES) {
      const kind = kindsByNumber.get(view.getUint8(at))
      const length = view.getUint32(at + 1)
      if (kind === undefined || length > FRAME_BYTES_MAX) throw new Error('the stream has no frame of a shell')
      if (bytes.byteLength - at - HEAD_BYTES < length) break
      frames.push({ kind, content: bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + length) })
      at += HEAD_BYTES + length
    }
    rest = bytes.slice(at)
    return frames
  }
}
