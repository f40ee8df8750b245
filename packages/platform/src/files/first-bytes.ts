/** First bytes: reads the beginning of a file, as much of it as its reader needs. */
import { open } from 'node:fs/promises'

export type FirstBytes<Value> = {
  /** Most files need no more. */
  firstBytes: number
  /** The reader gets no more. */
  bytesMax: number
  /** Undefined if it needs more bytes. With all that there are, it must decide. */
  read(bytes: Buffer, fileBytes: number): Value | undefined
}

/** Gives the reader four times as many bytes each time it needs more. Rejects with the system's error. */
export async function readFirstBytes<Value>(
  path: string,
  { firstBytes, bytesMax, read }: FirstBytes<Value>,
): Promise<Value> {
  await using file = await open(path)
  const { size } = await file.stat()
  const end = Math.min(size, bytesMax)
  for (let wanted = firstBytes; ; wanted *= 4) {
    const bytes = Buffer.alloc(Math.min(wanted, end))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    const value = read(bytes.subarray(0, bytesRead), size)
    if (value !== undefined) return value
    if (wanted >= end) throw new Error(`the reader of ${path} does not decide`)
  }
}
