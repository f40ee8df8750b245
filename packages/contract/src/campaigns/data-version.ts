/** Data version: the rows with which a device trained in a round. */
import * as z from 'zod'

/**
 * [agent, data-fingerprint.ts] HMAC-SHA-256 over the rows and labels, with a secret of the device. Another row or label
 * gives another fingerprint. The hub cannot test a guess of the rows.
 */
export const DataFingerprint = z.string().regex(/^[0-9a-f]{64}$/)

/** Not strict: a later device may report more. */
export const DataVersion = z.object({
  fingerprint: DataFingerprint,
  /** All rows of the set, also those that the device holds out of the training. */
  rows: z.int().min(1),
})
export type DataVersion = z.infer<typeof DataVersion>

/** The data of a participant, beside that of its training before. */
export const ParticipantData = z.strictObject({
  ...DataVersion.shape,
  /** The newest earlier round in which the device trained. Absent if there is none, or its agent was an older one. */
  earlier: z.strictObject({ round: z.int().min(1), rows: z.int().min(1), isSame: z.boolean() }).optional(),
})
export type ParticipantData = z.infer<typeof ParticipantData>
