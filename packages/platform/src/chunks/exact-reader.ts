/** Exact reader: reads a stream in pieces of given lengths. */

export type ExactReader = {
  /** Exactly so many bytes; undefined if the stream ends before. Throws the errors of the stream. */
  read(length: number): Promise<Buffer | undefined>
  /** Whether nothing is left. */
  isAtEnd(): Promise<boolean>
  receivedBytes(): number
}

export function createExactReader(stream: AsyncIterable<Uint8Array>): ExactReader {
  const pieces = stream[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  let received = 0
  const more = async () => {
    const next = await pieces.next()
    if (next.done) return false
    received += next.value.length
    rest = rest.length === 0 ? Buffer.from(next.value) : Buffer.concat([rest, next.value])
    return true
  }
  return {
    async read(length) {
      while (rest.length < length) if (!(await more())) return undefined
      const bytes = rest.subarray(0, length)
      rest = rest.subarray(length)
      return bytes
    },
    async isAtEnd() {
      while (rest.length === 0) if (!(await more())) return true
      return false
    },
    receivedBytes: () => received,
  }
}
