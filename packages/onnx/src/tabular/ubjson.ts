/**
 * UBJSON: JSON in binary, as XGBoost writes it by default since version 2.1 [UBJSON specification, draft 12].
 *
 *     object   { LENGTH key VALUE ... }
 *     array    [ VALUE ... ]     or, for numbers of one type,   [ $ TYPE # LENGTH bytes
 */

/** Trees lie some eight levels deep. A deeper nest is an attack on the stack. */
const DEPTH_MAX = 64

/** A value in an untyped array takes two bytes at least, so that the file bounds all others. */
const VALUES_MAX = 64 * 1024 * 1024

/** The file is no UBJSON. */
export class UbjsonError extends Error {}

type Read = (view: DataView, at: number) => number

const NUMBERS: Readonly<Record<string, { bytes: number; read: Read }>> = {
  i: { bytes: 1, read: (view, at) => view.getInt8(at) },
  U: { bytes: 1, read: (view, at) => view.getUint8(at) },
  I: { bytes: 2, read: (view, at) => view.getInt16(at) },
  l: { bytes: 4, read: (view, at) => view.getInt32(at) },
  L: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at)) },
  d: { bytes: 4, read: (view, at) => view.getFloat32(at) },
  D: { bytes: 8, read: (view, at) => view.getFloat64(at) },
}

const CONSTANTS: Readonly<Record<string, null | boolean>> = { Z: null, T: true, F: false }

/** The document as JSON would give it. NaN, which is no JSON, becomes null. Throws `UbjsonError`. */
export function readUbjson(bytes: Uint8Array): unknown {
  const cursor = cursorOf(bytes)
  const value = readValue(cursor, cursor.mark(), 0)
  if (!cursor.isAtEnd()) throw new UbjsonError('bytes follow the document')
  return value
}

type Cursor = ReturnType<typeof cursorOf>

function cursorOf(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let at = 0
  let values = 0
  const take = (length: number): number => {
    if (!Number.isSafeInteger(length) || length < 0 || at + length > bytes.length)
      throw new UbjsonError('the file ends within a value')
    const start = at
    at += length
    return start
  }
  return {
    isAtEnd: () => at === bytes.length,
    /** The next mark, which is not taken. */
    peek: () => String.fromCharCode(bytes[at] ?? 0),
    mark: () => String.fromCharCode(bytes[take(1)] ?? 0),
    number(kind: string): number | undefined {
      const form = NUMBERS[kind]
      return form?.read(view, take(form.bytes))
    },
    text(length: number): string {
      const start = take(length)
      try {
        return decoder.decode(bytes.subarray(start, start + length))
      } catch {
        throw new UbjsonError('a text is no UTF-8')
      }
    },
    count(more: number): void {
      values += more
      if (values > VALUES_MAX) throw new UbjsonError(`the file has more than ${VALUES_MAX} values`)
    },
  }
}

function readValue(cursor: Cursor, mark: string, depth: number): unknown {
  if (depth > DEPTH_MAX) throw new UbjsonError(`values lie more than ${DEPTH_MAX} levels deep`)
  cursor.count(1)
  const number = cursor.number(mark)
  if (number !== undefined) return Number.isFinite(number) ? number : null
  if (mark in CONSTANTS) return CONSTANTS[mark]
  if (mark === 'S') return cursor.text(lengthOf(cursor))
  if (mark === 'C') return cursor.text(1)
  if (mark === '[') return arrayOf(cursor, depth)
  if (mark === '{') return objectOf(cursor, depth)
  throw new UbjsonError(`a value has the unknown type ${JSON.stringify(mark)}`)
}

function lengthOf(cursor: Cursor, mark = cursor.mark()): number {
  const length = mark === 'd' || mark === 'D' ? undefined : cursor.number(mark)
  if (length === undefined || length < 0) throw new UbjsonError('a length is no whole number')
  return length
}

function arrayOf(cursor: Cursor, depth: number): unknown[] {
  const kind = headOf(cursor, '$') ? cursor.mark() : undefined
  const length = headOf(cursor, '#') ? lengthOf(cursor) : undefined
  if (kind !== undefined && length === undefined) throw new UbjsonError('a typed array has no length')
  const values: unknown[] = []
  if (length === undefined) {
    for (let mark = cursor.mark(); mark !== ']'; mark = cursor.mark()) values.push(readValue(cursor, mark, depth + 1))
    return values
  }
  if (kind !== undefined && NUMBERS[kind] === undefined) throw new UbjsonError('a typed array has no numbers')
  for (let left = length; left > 0; left--) values.push(readValue(cursor, kind ?? cursor.mark(), depth + 1))
  return values
}

function headOf(cursor: Cursor, mark: string): boolean {
  if (cursor.peek() !== mark) return false
  cursor.mark()
  return true
}

/** A later value of a key replaces an earlier one, as in JSON. */
function objectOf(cursor: Cursor, depth: number): Record<string, unknown> {
  if (cursor.peek() === '$' || cursor.peek() === '#') throw new UbjsonError('objects with a length are not supported')
  const entries: [string, unknown][] = []
  for (let mark = cursor.mark(); mark !== '}'; mark = cursor.mark()) {
    const key = cursor.text(lengthOf(cursor, mark))
    entries.push([key, readValue(cursor, cursor.mark(), depth + 1)])
  }
  return Object.fromEntries(entries)
}
