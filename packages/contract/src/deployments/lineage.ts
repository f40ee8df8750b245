/**
 * Lineage: what a version was made from. It is the word of whoever pushed: the hub checks only that the parents are versions that it has,
 * and signs the rest with the version, so that nobody can change it later.
 */
import * as z from 'zod'
import { Digest } from '../values/digest.ts'
import { InstantMs, Name } from '../values/names.ts'

/** A merge of models names a handful; an ensemble a dozen. */
export const PARENTS_MAX = 16

/**
 * Where something lies: a URL or `s3://...`, `git+ssh://...`. Without a password: what is signed can never be taken back.
 */
export const OriginUri = z
  .string()
  .max(1_000)
  .regex(/^[a-z][a-z0-9+.-]{0,31}:[^\s\p{C}]+$/iu, 'must be a URI such as https://example.com/x or s3://bucket/x')
  .refine((uri) => !/^[^:]+:\/\/[^/?#@]*:[^/?#@]*@/.test(uri), 'must not hold a password: lineage is kept for ever')

const Word = z.string().trim().min(1).max(200)

/** What lineage says besides the parents. */
export const origins = {
  /** The code that made it. */
  source: z.strictObject({ uri: OriginUri, commit: Word.optional() }).optional(),
  /** The data that it was trained on. */
  dataset: z.strictObject({ uri: OriginUri, digest: Digest.optional() }).optional(),
  /** Such as `pytorch 2.6`. */
  tool: Word.optional(),
  /** The person, team or pipeline; who pushed is known anyway. */
  createdBy: Word.optional(),
  notes: z.string().trim().min(1).max(2_000).optional(),
}

/** A version by its number, which never means another one, and its content. */
export const Ancestor = z.strictObject({ model: Name, version: z.int().min(1), digest: Digest })
export type Ancestor = z.infer<typeof Ancestor>

/** Lineage as it rests with a version and is signed. */
export const Lineage = z.strictObject({ parents: z.array(Ancestor).max(PARENTS_MAX), ...origins })
export type Lineage = z.infer<typeof Lineage>

/** Lineage as it is shown: a parent may have been removed since. */
export const LineageView = z.strictObject({
  ...Lineage.shape,
  parents: z.array(z.strictObject({ ...Ancestor.shape, isRemoved: z.boolean() })).max(PARENTS_MAX),
})
export type LineageView = z.infer<typeof LineageView>

/** A version that names another one as its parent. */
export const Descendant = z.strictObject({ ...Ancestor.shape, createdAtMs: InstantMs, createdBy: z.string() })
export type Descendant = z.infer<typeof Descendant>
