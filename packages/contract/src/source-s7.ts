/** Siemens S7 source: how its connection and its tags are written down. Absolute addresses, as S7-300 and S7-400 have them. */
import * as z from 'zod'
import { TagShape } from './tag.ts'

/** [RFC 1006] What S7 communication negotiates at most, and the least that any CPU takes. */
export const PDU_MAX = 960
const PDU_MIN = 112

const Host = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9_.:-]+$/, 'must be a host name or address')

/** How requests are made of tags, in bytes: as for Modbus. */
const ReadPlanning = z.strictObject({
  mode: z.enum(['none', 'shrink', 'rearrange', 'max-insert']).default('max-insert'),
  gapMax: z.int().min(1).max(PDU_MAX).default(16),
})

const Tsap = z.int().min(0).max(0xffff)

export const S7Connection = z.strictObject({
  host: Host,
  port: z.int().min(1).max(65_535).default(102),
  rack: z.int().min(0).max(7).default(0),
  /** 1 for S7-1200 and S7-1500, mostly 2 for S7-300; for S7-400 as it is plugged. */
  slot: z.int().min(0).max(31).default(1),
  localTsap: Tsap.default(0x0100),
  /** In place of rack and slot, for equipment that is called otherwise, such as LOGO!. */
  remoteTsap: Tsap.optional(),
  /** Of one message, in bytes; the CPU may say that it takes less. */
  pduMax: z.int().min(PDU_MIN).max(PDU_MAX).default(PDU_MAX),
  plan: ReadPlanning.prefault({}),
  /** Beyond it the connection is dropped. */
  timeoutMs: z.int().min(10).max(60_000).default(2_000),
  pauseBetweenRequestsMs: z.int().min(0).max(60_000).default(0),
})
export type S7Connection = z.infer<typeof S7Connection>

export const S7Type = z.enum(['bool', 'byte', 'word', 'dword', 'int', 'dint', 'lint', 'real', 'lreal', 'string'])
export type S7Type = z.infer<typeof S7Type>

/** What an address without a type is, by its letter. */
const USUAL = { X: 'bool', B: 'byte', W: 'word', D: 'dword' } as const

/** What stands in words and double words. At a byte address anything may begin. */
const FITTING: Readonly<Record<'X' | 'B' | 'W' | 'D', readonly S7Type[]>> = {
  X: ['bool'],
  B: ['byte', 'word', 'dword', 'int', 'dint', 'lint', 'real', 'lreal', 'string'],
  W: ['word', 'int'],
  D: ['dword', 'dint', 'real'],
}

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

function widthOf(letter: string): keyof typeof USUAL | undefined {
  if (letter === '' || letter === 'X') return 'X'
  return letter === 'B' || letter === 'W' || letter === 'D' ? letter : undefined
}

const MASKABLE: readonly S7Type[] = ['byte', 'word', 'dword']

export const S7Tag = z
  .strictObject({
    ...TagShape,
    /** `DB1.DBD0`, `DB1.DBX6.0`, `MW10`, `I0.3`, `QB4`. */
    address: z.string().max(32),
    type: S7Type.optional(),
    /** Of a string: the letters that it may have, as it was declared: STRING[20]. */
    length: z.int().min(1).max(254).optional(),
    /** Several of the type one after the other: the value is an array. */
    count: z.int().min(1).max(PDU_MAX).default(1),
  })
  .superRefine((tag, context) => {
    const found = s7AddressOf(tag)
    const problems = found ? tagProblems(tag, found) : [['address', NO_ADDRESS] as const]
    for (const [path, message] of problems) context.addIssue({ code: 'custom', path: [path], message })
  })
export type S7Tag = z.infer<typeof S7Tag>

const NO_ADDRESS = 'must look like DB1.DBD0, DB1.DBW4, DB1.DBX6.0, MW10, I0.3 or QB4'

type Draft = { address: string; length?: number | undefined; count: number } & {
  mask?: number | undefined
  shift?: number | undefined
  write?: unknown
}

function tagProblems(tag: Draft, { type, area }: S7Address): (readonly [string, string])[] {
  const width = widthOf(
    /DB([XBWD])\d|^[MIEQA]([XBWD]?)\d/i.exec(tag.address)?.slice(1).find(Boolean)?.toUpperCase() ?? '',
  )
  const isMasked = tag.mask !== undefined || tag.shift !== undefined
  const rules: [boolean, string, string][] = [
    [!FITTING[width ?? 'X'].includes(type), 'type', `nothing of the type ${type} stands at such an address`],
    [
      (type === 'string') !== (tag.length !== undefined),
      'length',
      'a string needs its length, and only a string has one',
    ],
    [type === 'string' && tag.count > 1, 'count', 'strings are tags of their own'],
    [
      isMasked && (!MASKABLE.includes(type) || tag.count > 1),
      'mask',
      'only single bytes, words and dwords can be masked',
    ],
    [tag.write !== undefined && area === 'I', 'write', 'inputs cannot be written'],
    [tag.write !== undefined && tag.count > 1, 'write', 'arrays cannot be written'],
  ]
  return rules.flatMap(([isWrong, path, message]) => (isWrong ? [[path, message] as const] : []))
}
