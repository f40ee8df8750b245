/** CAN source: what the nodes of a vehicle or machine tell on their bus, by Linux's SocketCAN. [ISO 11898-1] Not run on a bus. */
import * as z from 'zod'
import { TagShape } from '../tag.ts'

/** Of a frame with 29 bits. */
const EXTENDED_MAX = 0x1fff_ffff

/** Of the payload of CAN FD: 64 bytes. */
const BITS_MAX = 512

export const CanConnection = z.strictObject({
  /** [linux, IFNAMSIZ] As `ip link` names it; whoever runs the machine has set its rate and switched it on. */
  interface: z.string().regex(/^[A-Za-z0-9_.-]{1,15}$/, 'must be the name of an interface, such as can0'),
  /** A tag that no frame told of for so long is bad. Most frames come every 10 to 1,000 ms. */
  silenceMaxMs: z.int().min(10).max(86_400_000).default(5_000),
})
export type CanConnection = z.infer<typeof CanConnection>

const Place = {
  /** As DBC files count: of `intel` the lowest bit, of `motorola` the highest; bit 7 of a byte is its first. */
  start: z
    .int()
    .min(0)
    .max(BITS_MAX - 1),
  length: z.int().min(1).max(64),
  order: z.enum(['intel', 'motorola']).default('intel'),
}

export const CanTag = z
  .strictObject({
    ...TagShape,
    /** Of the frame: `0x1F0`. */
    id: z.int().min(0).max(EXTENDED_MAX),
    /** 29 bits, where the number would fit into 11. */
    extended: z.boolean().default(false),
    ...Place,
    type: z.enum(['unsigned', 'signed', 'float']).default('unsigned'),
    /** Only frames whose bits at another place say so have it. */
    multiplexor: z.strictObject({ ...Place, length: z.int().min(1).max(32), value: z.int().min(0) }).optional(),
    /** In place of the connection's. */
    staleAfterMs: z.int().min(10).max(86_400_000).optional(),
  })
  .refine(({ write }) => write === undefined, 'a CAN source only listens; it cannot write')
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'start and length say which bits')
  .refine(({ type, length }) => type !== 'float' || length === 32 || length === 64, 'a float has 32 or 64 bits')
export type CanTag = z.infer<typeof CanTag>
