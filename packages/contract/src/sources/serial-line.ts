/** Serial line: how a port of the machine is set, so that it understands what hangs on it. */
import * as z from 'zod'

/** Those of the manual of the equipment; most say 9600 or 19200, 8 data bits, and even or no parity. */
export const SerialLineShape = {
  /** Such as /dev/ttyUSB0 or, better since it stays the same, a link in /dev/serial/by-id. */
  path: z.string().min(1).max(250),
  baudRate: z.int().min(50).max(4_000_000).default(19_200),
  dataBits: z.union([z.literal(5), z.literal(6), z.literal(7), z.literal(8)]).default(8),
  parity: z.enum(['none', 'even', 'odd', 'mark', 'space']).default('none'),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
}

export const SerialSettings = z.strictObject(SerialLineShape)
export type SerialSettings = z.infer<typeof SerialSettings>
