/** Read answer: the bytes of an answer of a bounded size. */
import type { IncomingMessage } from 'node:http'

/** Undefined if it has more bytes. The end of the loop closes the connection then. */
export async function bytesUpTo(answer: IncomingMessage, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > bytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
