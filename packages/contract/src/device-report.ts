/** What a device says of itself over the link. */
import * as z from 'zod'
import { Endpoints, Inventory } from './device.ts'
import { Digest } from './digest.ts'
import { Cause, ITEMS_MAX, ItemReport } from './item.ts'
import { InstantMs } from './names.ts'

/** The first form; a later one is added beside it as a union whose older arms are transformed up (design, law 10). */
export const DeviceReport = z.strictObject({
  v: z.literal(1),
  /** The device's own clock, so that the hub can name a wrong one. */
  atMs: InstantMs,
  agentVersion: z.string().max(32),
  /** Made new at each start of the agent. */
  bootId: z.string().min(8).max(64),
  /** The intent that the device works on, and the digest that names its content. 0 and absent before the first. */
  observedGeneration: z.int().min(0),
  observedDigest: Digest.optional(),
  /** The newest intent whose items are all active. */
  lastGoodGeneration: z.int().min(0),
  items: z.array(ItemReport).max(ITEMS_MAX),
  conditions: z.array(Cause).max(32),
  endpoints: Endpoints,
  inventory: Inventory,
})
export type DeviceReport = z.infer<typeof DeviceReport>

/** What the hub answers: when to report next (it may shed load so), its clock, and the generation that it holds. */
export const ReportReply = z.strictObject({
  nextReportMs: z.int().min(1_000).max(3_600_000),
  hubTimeMs: InstantMs,
  generation: z.int().min(0),
})
export type ReportReply = z.infer<typeof ReportReply>
