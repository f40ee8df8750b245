/** EtherNet/IP source: tags of a Logix controller, by their names. [CIP volumes 1 and 2; Rockwell 1756-PM020] Not held against real equipment. */
import * as z from 'zod'
import { PauseAfterConnect, PauseBetweenRequests } from '../../deployments/pauses.ts'
import { Host } from '../../values/host.ts'
import { CIP_ADDRESS_MAX, cipAddressOf } from '../cip-address.ts'
import { ELEMENTS_WRITTEN_MAX, TagShape } from '../tag.ts'

export const EthernetIpConnection = z.strictObject({
  host: Host,
  port: z.int().min(1).max(65_535).default(44_818),
  /** Where the controller stands in its rack; 0 for CompactLogix. [CIP 1, C-1.4.1] What one byte tells. */
  slot: z.int().min(0).max(255).default(0),
  /** Of one message either way. [CIP 1, 3-5.5.1] What is more than 511 an old controller does not take: then it is 500. */
  connectionBytes: z.int().min(500).max(4_000).default(4_000),
  /** For one answer; beyond it the connection is dropped. */
  timeoutMs: z.int().min(50).max(60_000).default(2_000),
  /** Something is asked so often, so that the controller keeps the connection; it drops one after eight times of it without a question. */
  keepAliveMs: z.int().min(100).max(60_000).default(10_000),
  ...PauseAfterConnect,
  ...PauseBetweenRequests,
})
export type EthernetIpConnection = z.infer<typeof EthernetIpConnection>

/** Of eight bytes each, twenty requests of the longest. */
const ELEMENTS_MAX = 10_000

export const EthernetIpTag = z
  .strictObject({
    ...TagShape,
    /** `Speed`, `Program:Main.Motor.Current`, `Recipe[3]`; `Status.5` is a bit. */
    address: z
      .string()
      .max(CIP_ADDRESS_MAX)
      .refine((address) => cipAddressOf(address) !== undefined, {
        error: 'must be a name such as Speed, Program:Main.Motor.Current, Recipe[3] or, for a bit, Status.5',
      }),
    /** Elements of an array from the one of the address on: the value is an array. */
    count: z.int().min(1).max(ELEMENTS_MAX).default(1),
  })
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'a bit is named by the address: Status.5')
  .refine(
    ({ count, write }) => count <= ELEMENTS_WRITTEN_MAX || write === undefined,
    `at most ${ELEMENTS_WRITTEN_MAX} elements are written at once`,
  )
  .refine(({ count, address }) => count === 1 || cipAddressOf(address)?.bit === undefined, 'a bit is no array')
export type EthernetIpTag = z.infer<typeof EthernetIpTag>
