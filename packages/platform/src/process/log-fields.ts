/** Log fields: turns whatever a caller hands to the log into small plain data, and blots out what must not be written down. */

/** Names that hold secrets wherever they appear. `tokenId` and `apiKeyId` name a secret without being one, and stay. */
const SECRET_NAME =
  /password|passphrase|secret|authorization|cookie|(token|api[_-]?key|private[_-]?key|privatekeypem)$/i

/** Secrets that give themselves away by their form, whatever they are called: private keys, bearer tokens, our own API keys, addresses with a password. */
const SECRET_TEXT =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----|\bBearer\s+[\w.~+/=-]+|\bsk_[\w-]{16,}|(?<=\bpostgres(?:ql)?:\/\/)[^\s/@]+(?=@)/g

const REDACTED = '[redacted]'

/** Deep enough for an error with causes inside a result inside a step; a cycle ends here too. */
const DEPTH_MAX = 8

/** A line should stay readable; 8 kB holds a long stack trace, and no blob. */
const TEXT_MAX = 8192

/** More entries than this are a data set, not an event. */
const ENTRIES_MAX = 100

/** A copy of the fields that is safe to write: plain JSON, bounded, errors with their causes, no secrets. */
export function plainFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return plainRecord(fields, 0)
}

function plain(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return plainText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '[function]' : value
  if (value instanceof Date) return value.toJSON()
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (depth >= DEPTH_MAX) return '[deeper]'
  if (Array.isArray(value)) return value.slice(0, ENTRIES_MAX).map((item) => plain(item, depth + 1))
  return value instanceof Error ? plainError(value, depth) : plainRecord({ ...value }, depth)
}

function plainRecord(record: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  const entries = Object.entries(record).slice(0, ENTRIES_MAX)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, SECRET_NAME.test(name) ? REDACTED : plain(value, depth + 1)]),
  )
}

function plainError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...rest } = error
  const known = { name, message, stack, ...(cause === undefined ? {} : { cause }) }
  return plainRecord({ ...rest, ...known }, depth)
}

function plainText(text: string): string {
  const safe = text.replace(SECRET_TEXT, REDACTED)
  return safe.length > TEXT_MAX ? `${safe.slice(0, TEXT_MAX)}...[${safe.length} characters]` : safe
}
