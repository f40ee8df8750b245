/** Siemens S7 source: how its connection and its tags are written down. Absolute addresses, as S7-300 and S7-400 have them. */
import * as z from 'zod'
import { PauseAfterConnect, PauseBetweenRequests } from '../../deployments/pauses.ts'
import { S7_TYPES, type S7Address, type S7Type, s7AddressOf, widthOf } from '../s7-address.ts'
import { TagShape } from '../tag.ts'

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
  ...PauseAfterConnect,
  ...PauseBetweenRequests,
})
export type S7Connection = z.infer<typeof S7Connection>

/** What stands in words and double words. At a byte address anything may begin. */
const FITTING: Readonly<Record<'X' | 'B' | 'W' | 'D', readonly S7Type[]>> = {
  X: ['bool'],
  B: ['byte', 'word', 'dword', 'int', 'dint', 'lint', 'real', 'lreal', 'string'],
  W: ['word', 'int'],
  D: ['dword', 'dint', 'real'],
}

const MASKABLE: readonly S7Type[] = ['byte', 'word', 'dword']

export const S7Tag = z
  .strictObject({
    ...TagShape,
    /** `DB1.DBD0`, `DB1.DBX6.0`, `MW10`, `I0.3`, `QB4`. */
    address: z.string().max(32),
    type: z.enum(S7_TYPES).optional(),
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
  ]
  return rules.flatMap(([isWrong, path, message]) => (isWrong ? [[path, message] as const] : []))
}
