/** Answer JSON: what a device answers with, unless it is tensors. It is parsed between the requests of others, so it has a limit of its own. */
import { measureJson } from '../http/body/json-text.ts'

/** 2,000 lines of a log are 1 MiB at most, 1,000 entries and readings less. */
const BYTES_MAX = 4 * 1024 * 1024

/** 4,000 values of a flow with all that is said of each are a fifth of this; so many empty lists take 20 ms. */
const VALUES_MAX = 100_000

/** Whether the bytes are no more than any honest answer. */
export function isOfHonestSize(bytes: Uint8Array): boolean {
  if (bytes.byteLength > BYTES_MAX) return false
  const { isTooDeep, values } = measureJson(bytes)
  return !isTooDeep && values <= VALUES_MAX
}

/** The value; undefined where it is none, or too large. */
export function parseAnswer(bytes: Uint8Array): unknown {
  if (!isOfHonestSize(bytes)) return undefined
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch {
    return undefined
  }
}
