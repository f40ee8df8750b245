/**
 * System release: agent, operating system, data, apps, models and flows as one version with an order. It names each
 * part by its exact version and digest, so that nobody can change a part without a new release.
 */
import * as z from 'zod'
import { AppConfig } from '../apps/config-schema.ts'
import { Serving } from '../models/serving.ts'
import { Digest } from '../values/digest.ts'
import { Name } from '../values/names.ts'

export const SystemPart = z.strictObject({
  /** A kind of version. The hub compares it with the stored version. */
  kind: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  name: Name,
  version: z.int().min(1),
  digest: Digest,
  /** All files of the version. */
  sizeBytes: z.int().min(0),
  /** How devices run it; absent if all have their defaults. */
  serving: Serving.optional(),
  /** The settings of an app or an agent; absent if all have their defaults. */
  config: AppConfig.optional(),
})
export type SystemPart = z.infer<typeof SystemPart>

/** A device reports 256 items at most, and the parts of two releases may be on it at once. */
export const PARTS_MAX = 64

export const SystemRelease = z.strictObject({
  v: z.literal(1),
  /** For people: the purpose of the release. */
  description: z.string().max(500).optional(),
  /** In the order in which a device installs them. A return takes the reverse order. */
  parts: z
    .array(SystemPart)
    .min(1)
    .max(PARTS_MAX)
    .refine((parts) => new Set(parts.map(({ name }) => name)).size === parts.length, 'two parts have one name'),
})
export type SystemRelease = z.infer<typeof SystemRelease>

/** How one part of a release stands on a device. */
export const PartState = z.enum(['waiting', 'moving', 'installed', 'returning', 'returned'])
export type PartState = z.infer<typeof PartState>

/** A part of a release on one device, for people and programs that ask why it waits. */
export const PartStanding = z.strictObject({
  name: Name,
  kind: z.string().max(32),
  version: z.int().min(1),
  /** The version of the release before; absent if that had no such part. */
  before: z.int().min(1).optional(),
  state: PartState,
  /** Why the release is returned: only for the part that failed. */
  failure: z.strictObject({ code: z.string().max(64), message: z.string().max(1_000) }).optional(),
})
export type PartStanding = z.infer<typeof PartStanding>
