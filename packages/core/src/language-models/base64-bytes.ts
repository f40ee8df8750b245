/** Base64 [RFC 4648, 4], by hand: core also runs in places without a codec for it. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUES: ReadonlyMap<string, number> = new Map([...ALPHABET].map((character, value) => [character, value]))

/** The text of the bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3)
    const group = (first << 16) | (second << 8) | third
    const characters = [18, 12, 6, 0].map((shift) => ALPHABET[(group >> shift) & 63])
    const kept = Math.min(4, bytes.length - at + 1)
    text += characters.slice(0, kept).join('').padEnd(4, '=')
  }
  return text
}

/** The bytes of the text; undefined if it is no base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const body = text.replace(/={1,2}$/, '')
  if (text.length % 4 !== 0) return undefined
  const bytes = new Uint8Array(Math.floor((body.length * 3) / 4))
  let group = 0
  let bits = 0
  let at = 0
  for (const character of body) {
    const value = VALUES.get(character)
    if (value === undefined) return undefined
    group = (group << 6) | value
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (group >> bits) & 255
    group &= (1 << bits) - 1
  }
  return bytes
}
