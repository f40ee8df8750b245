/** Failure limits: how many failures of one kind a wave bears. */
import * as z from 'zod'
import { Amount } from './amount.ts'

/** failed: it broke there. rejected: the device refused it before it began. timed-out: it said nothing decisive in time. all: each of these. */
export const FailureLimit = z.strictObject({
  kind: z.enum(['failed', 'rejected', 'timed-out', 'all']),
  max: Amount,
  minExecuted: z.int().min(1).max(1_000_000).default(1),
})
export type FailureLimit = z.infer<typeof FailureLimit>
