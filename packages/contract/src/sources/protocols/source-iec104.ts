/** IEC 60870-5-104 source: a telecontrol station, as in substations and waterworks. Its objects tell by themselves. */
import * as z from 'zod'
import { Host } from '../../values/host.ts'
import { TagShape } from '../tag.ts'

/** [IEC 60870-5-101, 7.2.4] A station may be several in one; 65535 would be all of them. */
const CommonAddress = z.int().min(1).max(65_534)

const Seconds = (usual: number) => z.int().min(1).max(255).default(usual)

/** [IEC 60870-5-104, 9.6] Times and windows, with the values that the standard proposes. Both ends have to agree on k and w. */
const Link = {
  /** To connect. */
  t0Seconds: Seconds(30),
  /** Without a confirmation the connection is given up. */
  t1Seconds: Seconds(15),
  /** Until what was heard is acknowledged; shorter than t1. */
  t2Seconds: Seconds(10),
  /** Of silence, until it is asked whether somebody is there. */
  t3Seconds: Seconds(20),
  /** How many may be under way without an acknowledgement, and after how many one is sent. */
  k: z.int().min(1).max(32_767).default(12),
  w: z.int().min(1).max(32_767).default(8),
}

export const Iec104Connection = z
  .strictObject({
    host: Host,
    port: z.int().min(1).max(65_535).default(2_404),
    /** Of the tags that do not say another. */
    commonAddress: CommonAddress.default(1),
    originator: z.int().min(0).max(255).default(0),
    /** For an interrogation, a command, and what comes back after it. */
    timeoutMs: z.int().min(100).max(120_000).default(10_000),
    /** A general interrogation not only after connecting, but again and again. */
    interrogateEveryMs: z.int().min(1_000).max(86_400_000).optional(),
    /** By how much the clock of the station is ahead of UTC, without its summer time. */
    utcOffsetMinutes: z.int().min(-720).max(840).default(0),
    ...Link,
  })
  .refine(({ t1Seconds, t2Seconds }) => t2Seconds < t1Seconds, 't2Seconds must be below t1Seconds')
export type Iec104Connection = z.infer<typeof Iec104Connection>

/** `100`, or `3/100` where the common address is another. */
const ObjectAddress = z
  .string()
  .regex(/^(\d{1,5}\/)?\d{1,8}$/, 'must look like 100, or 3/100 with a common address before it')
  .refine((text) => Number(text.split('/').at(-1)) <= 0xff_ffff, 'an object address is at most 16777215')

/** `single` and `double` switch, `normalised`, `scaled` and `float` set. */
export const Iec104Command = z.strictObject({
  kind: z.enum(['single', 'double', 'normalised', 'scaled', 'float']),
  /** Where the command goes, if not to the address that tells what became of it. */
  address: ObjectAddress.optional(),
  /** Select before operate. */
  select: z.boolean().default(false),
})
export type Iec104Command = z.infer<typeof Iec104Command>

export const Iec104Tag = z
  .strictObject({ ...TagShape, address: ObjectAddress, command: Iec104Command.optional() })
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'objects have no bits to mask')
  .refine(
    ({ write, command }) => (write === undefined) === (command === undefined),
    'a tag with write needs command, which says how, and only such a tag has one',
  )
export type Iec104Tag = z.infer<typeof Iec104Tag>
