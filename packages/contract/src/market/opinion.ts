/**
 * Opinion: the rating and the note of a person about a listing, for the people of the organisation. It never leaves the
 * hub: a publisher reads none of it.
 */
import * as z from 'zod'
import { InstantMs } from '../values/names.ts'

export const STARS_MAX = 5

/** The newest ones. More opinions on one listing than a person reads. */
export const OPINIONS_SHOWN = 200

export const Stars = z.int().min(1).max(STARS_MAX)

/** Settings that worked, or a warning to colleagues. */
export const OpinionNote = z.string().trim().min(1).max(2_000)

export const Opinion = z.strictObject({
  by: z.string(),
  stars: Stars.optional(),
  note: OpinionNote.optional(),
  /** Only its author reads the note. The stars count for all. */
  isPrivate: z.boolean(),
  /** It is the caller's. */
  isOwn: z.boolean(),
  changedAtMs: InstantMs,
})
export type Opinion = z.infer<typeof Opinion>

export const Rating = z.strictObject({ mean: z.number().min(1).max(STARS_MAX), count: z.int().min(1) })
export type Rating = z.infer<typeof Rating>

/** "Runs on 40 devices, 39 healthy", by the last reports. */
export const ListingUsage = z.strictObject({ devices: z.int().min(0), healthy: z.int().min(0) })
export type ListingUsage = z.infer<typeof ListingUsage>
