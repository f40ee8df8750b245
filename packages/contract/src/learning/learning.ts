/**
 * Learnings: a device learns the normal state of some tags from its own rows, and the hub publishes the detector as an
 * ordinary version, with a flow that raises its alarm. The hub receives the model and figures, and never a row.
 */
import * as z from 'zod'
import { TagName } from '../sources/tag.ts'
import { LearningId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { LEARNING_MARKS_MAX, LearningMark, MarkedRows } from './mark.ts'

/** A detector has three features of each tag, and a person reads the shares of so many. */
export const LEARNED_TAGS_MAX = 32

/** With 32 tags, so many rows take 51 MB of the device's disk. */
export const LEARNED_ROWS_MAX = 200_000

/** With fewer rows, nothing is left to judge a detector by. */
export const LEARNED_ROWS_MIN = 120

/** Learning needs so many windows without a gap. */
export const wholeWindowsMin = (samples: number): number => Math.max(LEARNED_ROWS_MIN, 8 * samples)

/** Rows of one window: a detector has seen the past so far. */
const SAMPLES_MAX = 64

export const FindingCode = z.enum([
  'too_little_data',
  'constant_tag',
  'missing_values',
  'source_faulty',
  'unit_changed',
  'two_regimes',
  'detector_weak',
])
export type FindingCode = z.infer<typeof FindingCode>

/**
 * A property of the recorded rows by which no honest detector can be learned from them, with the advice. With a detector:
 * a tag that it leaves out, or a kind of fault that it does not find.
 */
export const LearningFinding = z.strictObject({
  code: z.string().max(64),
  tag: TagName.optional(),
  message: z.string().max(500),
  advice: z.string().max(500),
})
export type LearningFinding = z.infer<typeof LearningFinding>

export const LearningSpec = z.strictObject({
  /** The learning, its model, and, with `-alarm`, its flow have this name. */
  name: Name.refine((name) => name.length <= 57, 'must have at most 57 characters, because the flow is NAME-alarm'),
  device: Name,
  source: Name,
  tags: z
    .array(TagName)
    .min(1)
    .max(LEARNED_TAGS_MAX)
    .refine((tags) => new Set(tags).size === tags.length, 'names a tag twice'),
  /** The device learns from a recording that a person has imported on it, and collects no rows. */
  recording: Name.optional(),
  /** How long the device collects rows. */
  seconds: z
    .int()
    .min(10)
    .max(90 * 86_400)
    .default(7 * 86_400),
  /** One row in this time. */
  everyMs: z.int().min(100).max(3_600_000).default(10_000),
  /** The rows of one window. */
  samples: z.int().min(4).max(SAMPLES_MAX).default(16),
  /** The threshold is set for at most one false alarm in so many days. */
  falseAlarmDays: z.number().gt(0).max(365).default(7),
  /**
   * The device tries the detector for so long before its alarm is live, and 0 is not at all. A day if absent, or as long as
   * the largest number of rows lasts.
   */
  shadowSeconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .optional(),
  /**
   * The device keeps the rows of so much time after the learning, so that a person can mark an alarm as normal. A week if
   * absent, and 0 is not at all.
   */
  keepSeconds: z
    .int()
    .min(0)
    .max(90 * 86_400)
    .optional(),
  /** `deploy`: the device runs the detector and its alarm after the shadow, if that kept the promise. `version`: they are published only. */
  result: z.enum(['deploy', 'version']).default('version'),
  /** The alarm flow writes 1 to this tag while there is an alarm, and else 0. The tag must allow it, with its interlock. */
  lamp: z.strictObject({ source: Name, tag: TagName, as: z.enum(['number', 'bool']).default('number') }).optional(),
  /** Findings that a person accepts, such as two_regimes. */
  accept: z.array(FindingCode).max(10).default([]),
})
export type LearningSpec = z.infer<typeof LearningSpec>

/**
 * collect: rows come in. train: the device compares candidates. publish: the hub makes versions. shadow: the device counts
 * the alarms that the published detector would raise.
 */
export const LearningPhase = z.enum([
  'waiting',
  'collect',
  'train',
  'publish',
  'shadow',
  'done',
  'refused',
  'cancelled',
])
export type LearningPhase = z.infer<typeof LearningPhase>

export const isLearningOver = (phase: LearningPhase): boolean =>
  phase === 'done' || phase === 'refused' || phase === 'cancelled'

/** `joint`: several machines have learned it together. */
export const DetectorKind = z.enum(['pca', 'change', 'auto-encoder', 'forest', 'joint'])
export type DetectorKind = z.infer<typeof DetectorKind>

const share = z.number().min(0).max(1)

/** A candidate, judged on rows that it has not learned from. */
export const LearningCandidate = z.strictObject({
  kind: z.string().max(32),
  /** Over planted faults and the same rows without them. */
  auc: share,
  /** The share of planted faults over the threshold, by their kind. */
  detected: z.record(z.string().max(32), share),
  /** The share of planted faults whose tag is among the first three. */
  named: share,
  /** The share of planted faults whose tag has the largest share. */
  namedFirst: share,
  /** Alarms on held-out rows without faults, at the threshold before it was raised above them. */
  falseAlarms: z.int().min(0),
  heldOutRows: z.int().min(0),
  /** The median score of held-out rows over that of the rows before them: 1 is stable. */
  stability: z.number().min(0),
  bytes: z.int().min(0),
})
export type LearningCandidate = z.infer<typeof LearningCandidate>

/** The fit of the scores' tail, from which the threshold comes. */
export const LearningTail = z.strictObject({
  peaks: z.int().min(0),
  shape: z.number(),
  scale: z.number(),
  level: z.number(),
  threshold: z.number(),
  extrapolation: z.number().min(0),
})
export type LearningTail = z.infer<typeof LearningTail>

/** A tag in the recorded rows. */
export const LearnedTag = z.strictObject({
  tag: TagName,
  median: z.number(),
  spread: z.number().min(0),
  /** The mean share of this tag in scores of normal rows. */
  usualShare: share,
})
export type LearnedTag = z.infer<typeof LearnedTag>

/** The alarms that are kept of a shadow. A detector with more has broken its promise, and nobody reads further. */
export const SHADOW_ALARMS_MAX = 50

/** An alarm that nobody saw, because the detector was in shadow. */
export const ShadowAlarm = z.strictObject({
  atMs: InstantMs,
  endedAtMs: InstantMs,
  /** The tag with the largest share at the highest score. */
  tag: TagName,
  /** The highest; 1 is the threshold. */
  score: z.number(),
})
export type ShadowAlarm = z.infer<typeof ShadowAlarm>

/** A detector that was tried on the rows of its device, before its alarm is live. */
export const LearningShadow = z.strictObject({
  rows: z.int().min(0),
  rowsWanted: z.int().min(1),
  /** The judged windows. A window with a missing value is not judged. */
  windows: z.int().min(0),
  alarms: z.int().min(0),
  /** The first ones. */
  first: z.array(ShadowAlarm).max(SHADOW_ALARMS_MAX),
})
export type LearningShadow = z.infer<typeof LearningShadow>

export const LearningOutcome = z.strictObject({
  rows: z.int().min(0),
  startedAtMs: InstantMs,
  endedAtMs: InstantMs,
  /** Absent without a detector. */
  chosen: z.string().max(32).optional(),
  candidates: z.array(LearningCandidate).max(8),
  tail: LearningTail.optional(),
  tags: z.array(LearnedTag).max(LEARNED_TAGS_MAX),
  findings: z.array(LearningFinding).max(2 * LEARNED_TAGS_MAX),
  /** The imported recording from which it was learned. */
  recording: Name.optional(),
  /** Absent before the first look at it, and without a shadow. */
  shadow: LearningShadow.optional(),
  /** Absent if no mark counted. */
  marked: MarkedRows.optional(),
})
export type LearningOutcome = z.infer<typeof LearningOutcome>

export const Learning = z.strictObject({
  id: LearningId,
  spec: LearningSpec,
  phase: LearningPhase,
  /** Rows that the device has. */
  rows: z.int().min(0),
  rowsWanted: z.int().min(1),
  /** Why it waits, was refused or cancelled, or why its versions are published and not deployed. */
  reason: z.string().max(1_000).optional(),
  outcome: LearningOutcome.optional(),
  /** The published version of the model NAME. Of a joint detector absent in lists. */
  modelVersion: z.int().min(1).optional(),
  /** The published version of the flow NAME-alarm. Of a joint detector absent in lists. */
  flowVersion: z.int().min(1).optional(),
  /** The name of a joint detector, which is that of its order. Absent if the detector has the name of the learning. */
  detector: Name.optional(),
  /** The order by which each of several machines learns, if it belongs to one. Absent in lists. */
  fleet: Name.optional(),
  /** For the next learning of this name. Absent in lists. */
  marks: z.array(LearningMark).max(LEARNING_MARKS_MAX).optional(),
  createdAtMs: InstantMs,
  createdBy: z.string().max(200),
  endedAtMs: InstantMs.optional(),
})
export type Learning = z.infer<typeof Learning>

/** A day has each shift of a plant. */
const SHADOW_SECONDS = 86_400

/** The time of a shadow if a person gives none. */
export const usualShadowSeconds = ({ everyMs }: Pick<LearningSpec, 'everyMs'>): number =>
  Math.min(SHADOW_SECONDS, Math.floor((LEARNED_ROWS_MAX * everyMs) / 1_000))

/** The rows that a detector is tried on. 0 without a shadow, as for learnings from before shadows existed. */
export const shadowRowsOf = ({ shadowSeconds = 0, everyMs }: Pick<LearningSpec, 'shadowSeconds' | 'everyMs'>): number =>
  Math.floor((shadowSeconds * 1_000) / everyMs)

/** A person looks at the alarms of a week. */
export const KEEP_SECONDS = 7 * 86_400

/** The rows that the device keeps after a learning. 0 for learnings from before it kept any. */
export const keptRowsOf = ({ keepSeconds = 0, everyMs }: Pick<LearningSpec, 'keepSeconds' | 'everyMs'>): number =>
  Math.min(LEARNED_ROWS_MAX, Math.floor((keepSeconds * 1_000) / everyMs))

/** The rows that the device collects for a spec. */
export const rowsWantedOf = ({ seconds, everyMs }: Pick<LearningSpec, 'seconds' | 'everyMs'>): number =>
  Math.max(1, Math.floor((seconds * 1_000) / everyMs))
