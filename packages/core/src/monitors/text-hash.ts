/** Text hash: a text as a number, so that texts are categories and none of them is stored or sent. */

/** Two categories rarely differ later; a whole document takes no longer than a word. */
const BYTES_READ_MAX = 256

/** FNV-1a of 32 bits [Fowler, Noll, Vo], of the first bytes of the text. */
export function textHash(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  const end = Math.min(bytes.length, BYTES_READ_MAX)
  for (let at = 0; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
  return hash >>> 0
}
