/** Planted bytes: searches for values that must not leave a device, in all forms in which they could stand somewhere. */
import { filesBelow } from '@skerry/testkit/files-below'

/** Themselves, as digits of base 16, and base64 from each of three places. */
export function formsOfBytes(planted: Uint8Array): Buffer[] {
  const bytes = Buffer.from(planted)
  const base64 = [0, 2, 3].map((first, before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64')
    return text.slice(first, Math.floor(((before + bytes.length) * 8) / 6))
  })
  return [bytes, ...[...base64, bytes.toString('hex')].map((text) => Buffer.from(text))]
}

export type Found = { paths: string[]; bytes: number }

/** The files below a folder that have one of these, and the bytes of all files. */
export async function filesWithBytes(root: string, needles: readonly Buffer[]): Promise<Found> {
  const paths: string[] = []
  let bytes = 0
  for await (const { path, bytes: content } of filesBelow(root)) {
    bytes += content.length
    if (needles.some((needle) => content.includes(needle))) paths.push(path)
  }
  return { paths, bytes }
}
