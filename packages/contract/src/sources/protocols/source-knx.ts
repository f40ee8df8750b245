/** KNX/IP source: lights, blinds and heating of a building, through a tunnel into its bus. */
import * as z from 'zod'
import { Host } from '../../values/host.ts'
import { TagShape } from '../tag.ts'

/** Three levels, as the tools of KNX have them. */
const GroupAddress = z
  .string()
  .regex(/^([0-9]|[12][0-9]|3[01])\/[0-7]\/([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])$/, 'must look like 1/2/3')

export const KnxConnection = z.strictObject({
  host: Host,
  port: z.int().min(1).max(65_535).default(3_671),
  /** Of this machine, where it has several networks: the gateway answers to it. */
  localAddress: z.ipv4().optional(),
  /** Ask the bus for each value after connecting: else a tag has none until somebody sends it. */
  readFirst: z.boolean().default(true),
  /** To connect, and for an answer from the bus. */
  timeoutMs: z.int().min(100).max(60_000).default(5_000),
})
export type KnxConnection = z.infer<typeof KnxConnection>

/** [KNX 3/7/2] Main types that are one number, one truth or one text. */
const DATAPOINT = /^(1|5|6|7|8|9|12|13|14|16)\.\d{3}$/

export const KnxTag = z
  .strictObject({
    ...TagShape,
    /** Of the group that tells it. */
    address: GroupAddress,
    /** The type of the datapoint, such as 9.001: nothing on the bus says it. */
    dpt: z.string().regex(DATAPOINT, 'must be of main type 1, 5 to 9, 12 to 14 or 16, such as 9.001'),
    /** Where it is written, if not to the group that tells it. */
    writeAddress: GroupAddress.optional(),
  })
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'there are no bits to mask')
  .refine(({ write, writeAddress }) => writeAddress === undefined || write !== undefined, 'writeAddress needs write')
export type KnxTag = z.infer<typeof KnxTag>
