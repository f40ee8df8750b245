/** UTF-8 [RFC 3629], by hand: core runs where there is no TextEncoder to count on. */

/** The bytes of a text; undefined where it holds half of a surrogate pair. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> | undefined {
  // A code unit becomes three bytes at most; two of a pair become four.
  const bytes = new Uint8Array(text.length * 3)
  let at = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (code >= 0xd800 && code <= 0xdfff) return undefined
    const tail = tailBytes(code)
    bytes[at++] = tail === 0 ? code : ((0xff00 >> (tail + 1)) & 0xff) | (code >> (6 * tail))
    for (let rest = tail - 1; rest >= 0; rest--) bytes[at++] = 0x80 | ((code >> (6 * rest)) & 0x3f)
  }
  return bytes.slice(0, at)
}

/** How many bytes follow the first. */
function tailBytes(code: number): number {
  if (code < 0x80) return 0
  if (code < 0x800) return 1
  return code < 0x10000 ? 2 : 3
}

/** [RFC 3629 3] The first byte says how many follow; a shorter form of the same code point is not allowed. */
const LEAST = [0, 0x80, 0x800, 0x10000]

/** The text of the bytes; undefined where they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const tail = followers(bytes[at] ?? 0)
    if (tail === undefined || at + tail >= bytes.length) return undefined
    const code = codePoint(bytes, at, tail)
    if (code === undefined) return undefined
    text += String.fromCodePoint(code)
    at += 1 + tail
  }
  return text
}

function followers(first: number): number | undefined {
  if (first < 0x80) return 0
  if (first >= 0xc2 && first < 0xe0) return 1
  if (first >= 0xe0 && first < 0xf0) return 2
  return first >= 0xf0 && first < 0xf5 ? 3 : undefined
}

function codePoint(bytes: Uint8Array, at: number, tail: number): number | undefined {
  const first = bytes[at] ?? 0
  let code = tail === 0 ? first : first & (0x3f >> tail)
  for (let offset = 1; offset <= tail; offset++) {
    const next = bytes[at + offset] ?? 0
    if ((next & 0xc0) !== 0x80) return undefined
    code = (code << 6) | (next & 0x3f)
  }
  const isSurrogate = code >= 0xd800 && code <= 0xdfff
  return code < (LEAST[tail] ?? 0) || code > 0x10ffff || isSurrogate ? undefined : code
}
