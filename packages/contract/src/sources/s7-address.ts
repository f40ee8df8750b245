/** Siemens S7 address: where a tag is and of what type, as Siemens writes it. Needs no schemas, so that threads of sources do without them. */
export const S7_TYPES = ['bool', 'byte', 'word', 'dword', 'int', 'dint', 'lint', 'real', 'lreal', 'string'] as const
export type S7Type = (typeof S7_TYPES)[number]

/** What an address without a type is, by its letter. */
const USUAL = { X: 'bool', B: 'byte', W: 'word', D: 'dword' } as const

const ADDRESS = /^(?:DB(\d{1,5})\.DB([XBWD])(\d{1,5})(?:\.([0-7]))?|([MIEQA])([XBWD]?)(\d{1,5})(?:\.([0-7]))?)$/

/** I and Q are E and A where Siemens speaks German. */
const AREAS: Readonly<Record<string, S7Area>> = { M: 'M', I: 'I', E: 'I', Q: 'Q', A: 'Q' }
export type S7Area = 'DB' | 'M' | 'I' | 'Q'

export type S7Address = { area: S7Area; db: number; start: number; bit: number | undefined; type: S7Type }

/** Where a tag is, and what; undefined where it is no address. */
export function s7AddressOf({ address, type }: { address: string; type?: S7Type | undefined }): S7Address | undefined {
  const match = ADDRESS.exec(address.toUpperCase())
  if (!match) return undefined
  const [, db, dbLetter, dbStart, dbBit, area = '', letter, start, bit] = match
  const bitText = dbBit ?? bit
  const width = widthOf(dbLetter ?? letter ?? '')
  // A bit is an X with its bit, or M0.0 without a letter; nothing else has one.
  if (width === undefined || (width === 'X') !== (bitText !== undefined)) return undefined
  const place = {
    db: Number(db ?? 0),
    start: Number(dbStart ?? start),
    bit: bitText === undefined ? undefined : Number(bitText),
  }
  return { area: db === undefined ? (AREAS[area] ?? 'M') : 'DB', ...place, type: type ?? USUAL[width] }
}

/** X, B, W or D, for what an address has there. */
export function widthOf(letter: string): keyof typeof USUAL | undefined {
  if (letter === '' || letter === 'X') return 'X'
  return letter === 'B' || letter === 'W' || letter === 'D' ? letter : undefined
}
