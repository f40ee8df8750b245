/** Batches: one command over the devices of a selector, signed, with a result for each device. */
import * as z from 'zod'
import { Rate } from '../deployments/pace.ts'
import { BatchId, DeviceId, KeyId, UserId } from '../values/ids.ts'
import { InstantMs, Name, PAGE_LIMIT_MAX, Reason, SelectorText } from '../values/names.ts'
import { BatchCommand } from './batch-command.ts'
import { BATCH_DEVICES_MAX, JOB_OUTPUT_BYTES_MAX } from './job.ts'

const count = z.int().min(0)

/** A day: who works in shifts comes by. */
const EXPIRES_DEFAULT_SECONDS = 86_400
/** A month: a machine that is off for longer is asked again. */
const EXPIRES_MAX_SECONDS = 30 * 86_400
/** A restart with large models takes minutes on a small device. */
const TIMEOUT_DEFAULT_SECONDS = 900

/** What is created. The devices are those that the selector picks at that time, and no others. */
export const BatchSpec = z.strictObject({
  command: BatchCommand,
  selector: SelectorText,
  reason: Reason.optional(),
  /** How many devices are told a minute; all at once where absent. */
  rate: Rate.optional(),
  /** Nobody is told before; at once where absent. */
  startAtMs: InstantMs.optional(),
  /** From the start on; whoever has not been told by then is not told any more. */
  expiresInSeconds: z.int().min(60).max(EXPIRES_MAX_SECONDS).default(EXPIRES_DEFAULT_SECONDS),
  /** How long a device that was told may take. */
  timeoutSeconds: z.int().min(10).max(86_400).default(TIMEOUT_DEFAULT_SECONDS),
})
export type BatchSpec = z.infer<typeof BatchSpec>

/**
 * draft: created, to be signed. signed: to be sent. scheduled: sent, and its start is to come. running: devices are told, or asked to answer.
 * cancelling: nobody is told any more, some who were told have not answered. ended, cancelled: over.
 */
export const BatchStatus = z.enum(['draft', 'signed', 'scheduled', 'running', 'cancelling', 'ended', 'cancelled'])
export type BatchStatus = z.infer<typeof BatchStatus>

/**
 * waiting: not told yet. told: asked, no answer yet. succeeded, failed: what the device said. timed-out: no answer in time; one that comes later
 * still counts. expired: never told in time. cancelled: never began.
 */
export const JobOutcome = z.enum(['waiting', 'told', 'succeeded', 'failed', 'timed-out', 'expired', 'cancelled'])
export type JobOutcome = z.infer<typeof JobOutcome>

export const JobCounts = z.strictObject({
  waiting: count,
  told: count,
  succeeded: count,
  failed: count,
  'timed-out': count,
  expired: count,
  cancelled: count,
})
export type JobCounts = z.infer<typeof JobCounts>

const ActorId = z.union([KeyId, UserId])

/** Who did it, by key or signed in, and when. `personId` is whose hands those are: two keys of one person are one pair. */
const Hand = z.strictObject({
  kind: z.enum(['key', 'user']),
  id: ActorId,
  personId: ActorId,
  name: z.string().max(63),
  atMs: InstantMs,
})
export type BatchHand = z.infer<typeof Hand>

export const Batch = z.strictObject({
  id: BatchId,
  command: BatchCommand,
  selector: z.string(),
  reason: z.string().optional(),
  status: BatchStatus,
  /** How many devices it is for. */
  devices: z.int().min(1).max(BATCH_DEVICES_MAX),
  counts: JobCounts,
  /** How often it was tried, retries included. */
  attempt: z.int().min(1),
  rate: Rate.optional(),
  startAtMs: InstantMs,
  expiresAtMs: InstantMs,
  timeoutSeconds: z.int().min(1),
  created: Hand,
  signed: Hand.optional(),
  sent: Hand.optional(),
  cancelled: Hand.optional(),
  endedAtMs: InstantMs.optional(),
  /** The key that the signature is by, as signatures of models name it. */
  signatureKeyId: z.string().optional(),
})
export type Batch = z.infer<typeof Batch>

/** One batch, with what went wrong on how many devices, most frequent first. */
export const BatchDetail = z.strictObject({
  ...Batch.shape,
  problems: z.array(z.strictObject({ code: z.string(), count })).max(20),
})
export type BatchDetail = z.infer<typeof BatchDetail>

/** One device of a batch. */
export const BatchDevice = z.strictObject({
  id: DeviceId,
  device: Name,
  site: Name,
  outcome: JobOutcome,
  /** The attempt that the outcome is of. */
  attempt: z.int().min(1),
  toldAtMs: InstantMs.optional(),
  decidedAtMs: InstantMs.optional(),
  /** On the device. */
  durationMs: count.optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  /** Of its output, which has a question of its own. */
  outputBytes: count.optional(),
})
export type BatchDevice = z.infer<typeof BatchDevice>

/** What a device gave back: lines of its log, or JSON. */
export const BatchOutput = z.strictObject({
  ...BatchDevice.shape,
  output: z.string().max(JOB_OUTPUT_BYTES_MAX).optional(),
})
export type BatchOutput = z.infer<typeof BatchOutput>

/** Whom a batch would be for. */
export const BatchPlan = z.strictObject({
  count,
  /** How many of them are connected now; the others are told when they come back. */
  online: count,
  /** By name, at most as many as a page. */
  devices: z.array(z.strictObject({ id: DeviceId, name: Name, site: Name, online: z.boolean() })).max(PAGE_LIMIT_MAX),
})
export type BatchPlan = z.infer<typeof BatchPlan>
