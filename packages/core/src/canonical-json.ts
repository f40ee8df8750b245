/**
 * Canonical JSON (RFC 8785): the one spelling of a value, so that its digest is the same wherever it is made.
 *
 * Properties that are undefined are left out, as `JSON.stringify` does; whatever else is not JSON is refused by a throw, since a
 * digest over half of a value would name something else.
 */

/** The canonical text of a JSON value. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return canonicalString(value)
  if (typeof value === 'number') return canonicalNumber(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'object') return canonicalObject(value)
  throw new Error(`canonical JSON cannot hold a value of type ${typeof value}`)
}

function canonicalNumber(value: number): string {
  // [RFC 8785, 3.2.2.3] NaN and Infinity must end in an error. ECMAScript's own spelling of all others is the canonical one.
  if (!Number.isFinite(value)) throw new Error(`canonical JSON cannot hold the number ${value}`)
  return JSON.stringify(value)
}

function canonicalString(value: string): string {
  // [RFC 8785, 3.2.2.2] A lone surrogate has no UTF-8 form, so it must end in an error.
  if (!value.isWellFormed()) throw new Error('canonical JSON cannot hold a string with a lone surrogate')
  return JSON.stringify(value)
}

function canonicalObject(value: object | null): string {
  if (value === null) return 'null'
  // Array.from, because map skips the holes of a sparse array, which are as undefined as any other element.
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(',')}]`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new Error(`canonical JSON cannot hold a ${value.constructor.name}`)
  }
  // [RFC 8785, 3.2.3] Sorted by UTF-16 code units, which is how JavaScript compares strings.
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${canonicalString(key)}:${canonicalJson(member)}`)
  return `{${members.join(',')}}`
}
