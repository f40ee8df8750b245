/** JSON text: parses the bytes of a body, and rejects members and text that would do harm further inside. */

export type ParsedJson = { ok: true; value: unknown } | { ok: false; message: string }

/** Inputs of the contract nest a dozen levels, a tensor as deep as its shape is long. Deeper ones would exhaust the stack of later code. */
const DEPTH_MAX = 64

/**
 * A text without these needs no second look. They are the names that reach a prototype, ASCII that is escaped (which may spell such a name),
 * and [RFC 8259 8.2] escapes of NUL and of surrogates.
 */
const SUSPICIOUS = /__proto__|"constructor"|\\u(0000|00[2-7][0-9a-f]|d[89a-f][0-9a-f]{2})/i

/** Parses UTF-8. An empty body is `undefined`, so that DELETE and POST without input need none. */
export function parseJson(bytes: Uint8Array): ParsedJson {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  if (text.trim() === '') return { ok: true, value: undefined }
  if (measureJson(bytes).isTooDeep) return { ok: false, message: `the body nests deeper than ${DEPTH_MAX} levels` }
  try {
    // A reviver would make this 45 times slower.
    const value: unknown = JSON.parse(text)
    const mistake = SUSPICIOUS.test(text) ? mistakeIn(value) : undefined
    return mistake === undefined ? { ok: true, value } : { ok: false, message: mistake }
  } catch {
    return { ok: false, message: 'the body is not JSON' }
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])

/** How deep the text nests and how many values it has, at least: known before it is parsed, from its signs outside strings. */
export function measureJson(bytes: Uint8Array): { isTooDeep: boolean; values: number } {
  let depth = 0
  let values = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const sign = bytes[at] ?? 0
    if (sign === QUOTE) at = endOfString(bytes, at)
    else if (sign === COMMA) values += 1
    else if (OPENING.has(sign)) {
      depth += 1
      values += 1
    } else if (CLOSING.has(sign)) depth -= 1
    if (depth > DEPTH_MAX) return { isTooDeep: true, values }
  }
  return { isTooDeep: false, values }
}

/** Where the string that begins here ends; the end of the text where it does not. */
function endOfString(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; ; at += 1) {
    at = bytes.indexOf(QUOTE, at)
    if (at < 0) return bytes.length
    let backslashes = 0
    while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes += 1
    if (backslashes % 2 === 0) return at
  }
}

/** Walks without recursion: the value may be as large as a body. */
function mistakeIn(root: unknown): string | undefined {
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string' && !isKeepable(value)) return UNKEEPABLE
    if (typeof value !== 'object' || value === null) continue
    const mistake = Array.isArray(value) ? undefined : mistakeOfMembers(value)
    if (mistake !== undefined) return mistake
    for (const member of Object.values(value)) open.push(member)
  }
  return undefined
}

const UNKEEPABLE = 'text must not hold NUL or half of a surrogate pair'

/** Code that copies members by name would reach the object's prototype, or that of all objects. */
function mistakeOfMembers(value: object): string | undefined {
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') return 'a field must not be called __proto__'
    const hasPrototype = typeof member === 'object' && member !== null && Object.hasOwn(member, 'prototype')
    if (name === 'constructor' && hasPrototype) return 'a field called constructor must not hold a prototype'
    if (!isKeepable(name)) return UNKEEPABLE
  }
  return undefined
}

const isKeepable = (text: string) => text.isWellFormed() && !text.includes('\0')
