/** Byte range: the part of a blob that a request wants. [RFC 9110 14.1.2, 14.2] */

export type RangeWish = { kind: 'all' } | { kind: 'part'; start: number; end: number } | { kind: 'unsatisfiable' }

/**
 * Reads a Range header for a blob of that size. A header that is no byte range, or that names several ranges, gets the
 * whole blob, as the standard allows. No client of the hub requests several ranges, and a multipart answer would let a
 * short request cause a large answer.
 */
export function parseRange(header: string | undefined, sizeBytes: number): RangeWish {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '')
  const [, first = '', last = ''] = match ?? []
  if (!match || (first === '' && last === '')) return { kind: 'all' }
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes)
    return length === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', start: sizeBytes - length, end: sizeBytes - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return { kind: 'all' }
  if (start >= sizeBytes) return { kind: 'unsatisfiable' }
  return { kind: 'part', start, end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) }
}
