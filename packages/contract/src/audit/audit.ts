/** The audit trail: every action, by whom, on what, with what result; each record holds the hash of the one before. */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { OrganisationId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'

export const Actor = z.strictObject({
  /** `user` is a person who signed in. `hub` is the hub's own decision, such as pausing a rollout. */
  kind: z.enum(['key', 'user', 'device', 'hub', 'anonymous']),
  id: z.string().max(64),
  name: z.string().max(63),
})
export type Actor = z.infer<typeof Actor>

export const AuditRecord = z.strictObject({
  organisationId: OrganisationId,
  /** Counts from 1 without gaps within the organisation. */
  sequence: z.int().min(1),
  atMs: InstantMs,
  actor: Actor,
  /** The procedure, such as `deployment.apply`, or the hub's decision, such as `rollout.paused`. */
  action: z.string().max(64),
  object: z.strictObject({ kind: z.string().max(32), id: z.string().max(128) }),
  /** Where the request came from; absent for the hub's own decisions. */
  source: z.string().max(64).optional(),
  /** `ok`, or the error code that the caller got. */
  result: z.string().max(64),
  detail: z.record(z.string(), z.json()),
  previousHash: Digest,
  /** SHA-256 of the canonical JSON of all fields above. */
  hash: Digest,
})
export type AuditRecord = z.infer<typeof AuditRecord>

const instantText = z.coerce.number<number | string>().pipe(InstantMs)

/** What a list of records may be narrowed to; each part narrows further. */
export const AuditFilter = {
  /** From this instant on, and before that one. */
  fromMs: instantText.optional(),
  toMs: instantText.optional(),
  /** An action, such as `rollout.pause`, or all of a noun: `rollout.*`. */
  action: z.string().max(64).optional(),
  object: z.string().max(128).optional(),
  /** The name or the id of a key or a device; `hub` for the hub's own decisions. */
  actor: z.string().max(64).optional(),
  /** `ok`, `refused` for everything else, or the code of a refusal. */
  result: z.string().max(64).optional(),
}
