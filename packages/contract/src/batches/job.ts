/**
 * Jobs: the task that a batch gives to one device, and the device's answer. The batch is signed once, over a statement
 * that binds organisation, command, times and the set of devices (by the root of a hash tree). Each device gets the
 * statement and the proof that it belongs to the set.
 */
import * as z from 'zod'
import { Cause } from '../devices/item.ts'
import { Digest } from '../values/digest.ts'
import { BatchId, OrganisationId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'
import { BatchCommand } from './batch-command.ts'

export const BATCH_PAYLOAD_TYPE = 'application/vnd.skerry.batch.v1+json'

/** More devices than one hub holds. */
export const BATCH_DEVICES_MAX = 100_000

/** A command has some hundred bytes, a relabelling of 64 labels 10 KB; nothing larger is a command. */
const STATEMENT_BASE64_MAX = 65_536

/** A tree over 100,000 devices is 17 levels high. */
const PROOF_STEPS_MAX = 32

/** Text that a device gives back. Larger logs are fetched from one device at a time. */
export const JOB_OUTPUT_BYTES_MAX = 65_536

/** The signed content. Strict: a field that a device does not know might forbid the device's next action. */
export const BatchStatement = z.strictObject({
  v: z.literal(1),
  organisationId: OrganisationId,
  batchId: BatchId,
  /** Counts the signatures of the batch: each retry is signed again, for its own devices. */
  attempt: z.int().min(1),
  command: BatchCommand,
  startAtMs: InstantMs,
  expiresAtMs: InstantMs,
  /** Root of the hash tree over the ids of the devices. */
  devicesRoot: Digest,
})
export type BatchStatement = z.infer<typeof BatchStatement>

/** [DSSE v1.0.0] Exactly one signature; the key is called as in model signatures. */
export const BatchEnvelope = z.strictObject({
  payload: z.base64().min(1).max(STATEMENT_BASE64_MAX),
  payloadType: z.literal(BATCH_PAYLOAD_TYPE),
  signatures: z
    .array(z.strictObject({ sig: z.base64().min(1).max(1024), keyid: z.string().regex(/^[0-9a-f]{64}$/) }))
    .length(1),
})
export type BatchEnvelope = z.infer<typeof BatchEnvelope>

/** The neighbours on the way from a device's leaf to the root. */
export const ProofStep = z.strictObject({ side: z.enum(['left', 'right']), digest: Digest })
export type ProofStep = z.infer<typeof ProofStep>

/** Identifies a job; a device does each once, even if it comes twice. */
const jobKey = { batchId: BatchId, attempt: z.int().min(1) }
export const JobKey = z.strictObject(jobKey)
export type JobKey = z.infer<typeof JobKey>

/** Fields that a later hub adds are left out by an older device, so they must be such as may be left out. */
export const JobMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('do'),
    ...jobKey,
    envelope: BatchEnvelope,
    proof: z.array(ProofStep).max(PROOF_STEPS_MAX),
  }),
  /** Ends one that has not begun. */
  z.object({ kind: z.literal('cancel'), ...jobKey }),
])
export type JobMessage = z.infer<typeof JobMessage>

/** How it ended on the device. `cancelled`: it never began. */
export const JobResult = z.object({
  ...jobKey,
  outcome: z.enum(['succeeded', 'failed', 'cancelled']),
  /** The reason if the job failed. */
  cause: Cause.optional(),
  durationMs: z.int().min(0).optional(),
  output: z.string().max(JOB_OUTPUT_BYTES_MAX).optional(),
})
export type JobResult = z.infer<typeof JobResult>
