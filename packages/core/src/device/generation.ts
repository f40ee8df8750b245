/**
 * Generation: whether what a device says it follows is something that this hub gave it. A hub restored from a backup has forgotten what it
 * issued afterwards: then the device follows a newer intent than the hub knows, and nothing may be offered to it until a person has looked,
 * because the hub's idea of "newest" would be a silent downgrade.
 *
 *     reported            known here as                                  verdict
 *     0                   nothing yet                                    follows
 *     (g, d)              issued under g with d                          follows
 *     (g, d)              what a person resumed the device at            follows
 *     (g, d), g too old   older than all that is kept                    follows: the device went back, the newest is ahead of it
 *     (g, d)              issued with another digest, or never           conflict
 */
import type { Digest } from '@skerry/contract/values/digest'

/** A generation and what it held; no digest before the first one. */
export type Observed = { generation: number; digest: Digest | undefined }

/** What the hub knows of the documents that it issued to the device. */
export type Issued = {
  /** The digest issued under the reported generation. */
  digestOfReported: Digest | undefined
  /** The oldest generation that is still kept; undefined when there is none. */
  oldestKept: number | undefined
  /** Where the device stood when a person resumed it last. */
  resumedAt: Observed | undefined
}

export type GenerationVerdict = { ok: true } | { ok: false; code: 'generation_conflict'; message: string }

/** Judges one report. The same report judged twice gives the same verdict. */
export function judgeGeneration(observed: Observed, issued: Issued): GenerationVerdict {
  const { generation, digest } = observed
  if (generation === 0) return { ok: true }
  if (digest !== undefined && issued.digestOfReported === digest) return { ok: true }
  const { resumedAt, oldestKept } = issued
  if (resumedAt?.generation === generation && resumedAt.digest === digest) return { ok: true }
  if (oldestKept !== undefined && generation < oldestKept) return { ok: true }
  const what =
    issued.digestOfReported === undefined ? 'which this hub never issued' : 'with other content than this hub issued'
  const message = `the device follows generation ${generation}, ${what}; if the hub was restored from a backup, resume the device`
  return { ok: false, code: 'generation_conflict', message }
}

/** The next generation to issue: above everything this hub issued and everything the device has seen. */
export const nextGeneration = (newestIssued: number, observed: number): number => Math.max(newestIssued, observed) + 1
