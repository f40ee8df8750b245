/** The monitors of a device's models, as the hub sends them and as the device reports that it holds them. */
import * as z from 'zod'
import {
  Clusters,
  EDGES_MAX,
  FEATURES_MAX,
  FeatureCounts,
  FeatureForm,
  FeatureName,
  SCORE_CLASSES_MAX,
} from '../monitors/profile.ts'
import { MonitorSubject } from '../monitors/subject.ts'
import { Digest } from '../values/digest.ts'
import { DeviceId } from '../values/ids.ts'
import { Name } from '../values/names.ts'
import type { HeldKind } from './held-document.ts'

/** A version with 64 features and two embeddings has some 45 KB: all of them are below the link's limit of 1 MiB. */
export const WATCHES_MAX = 16

/** The thresholds of a measure. */
const Limits = z.object({ warn: z.number(), alert: z.number() })

/** Ten sources of a line and some more. Each has at most 64 tags. */
export const SOURCE_WATCHES_MAX = 16

/** One version that the device counts. Not strict: a later hub may add fields. */
export const Watch = z.object({
  model: Name,
  version: z.int().min(1),
  /** The reference profile that the bins come from. */
  profile: Digest,
  windowMs: z.int().min(1_000).max(86_400_000),
  features: z
    .array(
      z.object({
        feature: FeatureName,
        side: z.enum(['input', 'output']),
        tensor: z.string().min(1).max(200),
        column: z.int().min(0).optional(),
        isClass: z.literal(true).optional(),
        clusters: Clusters.optional(),
        form: FeatureForm.optional(),
        edges: z.array(z.number()).max(EDGES_MAX),
        /** Counts in a grid too. */
        hasGrid: z.literal(true).optional(),
        /** The counts of the reference, for the check on the device itself. */
        reference: z.object(FeatureCounts.shape).optional(),
      }),
    )
    .max(FEATURES_MAX),
  /** The device judges its own windows too, by these limits. Absent: an older hub. */
  check: z
    .object({
      drift: Limits,
      missing: Limits,
      rowsMin: z.int().min(1),
      significance: z.number().gt(0).max(1),
      /** A version in its probation that alerts fails. */
      failsProbation: z.boolean(),
    })
    .optional(),
  /** Counts the confidence of answers, for these classes and all others. Absent without a calibration. */
  scores: z
    .object({
      output: z.string().max(200).optional(),
      classes: z.array(z.string().min(1).max(200)).max(SCORE_CLASSES_MAX),
    })
    .optional(),
})
export type Watch = z.infer<typeof Watch>

/** A source is watched as a version with one row a second: `tensor` is the name of a tag. */
export const SourceWatch = Watch.extend({ model: MonitorSubject })
export type SourceWatch = z.infer<typeof SourceWatch>

/** The flows of a device that may be held: more than a device runs. */
export const WRITE_HOLDS_MAX = 64

/** A flow that writes no tag while its monitor holds it. */
export const WriteHold = z.object({ flow: Name, reason: z.string().max(500) })
export type WriteHold = z.infer<typeof WriteHold>

export const MonitorsDocument = z.object({
  v: z.literal(1),
  deviceId: DeviceId,
  /** Identifies the content, so that the same content need not be sent again. */
  revision: Digest,
  watches: z.array(Watch).max(WATCHES_MAX),
  /** The sources whose tags are counted. Absent: none, or an older hub. */
  sources: z.array(SourceWatch).max(SOURCE_WATCHES_MAX).optional(),
  /** Absent: none. */
  holds: z.array(WriteHold).max(WRITE_HOLDS_MAX).optional(),
})
export type MonitorsDocument = z.infer<typeof MonitorsDocument>

/** The revision that the device counts by. Not strict: a later device may report more. */
export const HeldMonitors = z.object({ revision: Digest.optional() })
export type HeldMonitors = z.infer<typeof HeldMonitors>

/** The row of this document. */
export const MONITORS = {
  name: 'monitors',
  document: MonitorsDocument,
  held: HeldMonitors,
} satisfies HeldKind<MonitorsDocument, HeldMonitors>
