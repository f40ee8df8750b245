/**
 * Model feeds: models of other systems that the hub imports again when they change. A feed pushes versions as a person
 * would; each states its origin in its lineage.
 */
import * as z from 'zod'
import { FilePath } from '../models/model.ts'
import { InstantMs, Labels, Name } from '../values/names.ts'

/** Each costs a request in its interval, and at times a transfer. */
export const MODEL_FEEDS_MAX = 50

/** The hub holds a file in memory while it stores it. Larger ones are imported by the command line. */
export const FEED_FILE_BYTES_MAX = 256 * 1024 * 1024

/** The files of one import, on the disk of the hub. */
export const FEED_BYTES_MAX = 1024 * 1024 * 1024

/** Registries limit anonymous requests to some hundred in six hours. A model changes once a day or less. */
export const FEED_INTERVAL_SECONDS = { min: 300, usual: 3_600, max: 7 * 86_400 } as const

/**
 * The place of the model: the https address of an ONNX file, `oci://HOST/REPOSITORY:TAG`, or `models:/NAME@ALIAS` of
 * MLflow. It has no password and no query, because everybody who may read models sees it.
 */
export const FeedPlace = z
  .string()
  .max(1_000)
  .regex(
    /^(https:\/\/[^\s?#@\\]+\.onnx|oci:\/\/[^\s?#\\]+|models:\/+[^\s?#\\]+)$/i,
    'must be https://....onnx, oci://HOST/REPOSITORY:TAG or models:/NAME@ALIAS',
  )

const FeedServer = z
  .url({ protocol: /^https$/ })
  .max(500)
  .refine((text) => !/[?#@\s\\]/.test(text), 'must have no user, no query and no fragment')

export const ModelFeedSpec = z
  .strictObject({
    place: FeedPlace,
    /** The server of MLflow. */
    server: FeedServer.optional(),
    /** The name of the model in the hub. */
    model: Name,
    /** The ONNX file, if the place has several. */
    file: FilePath.optional(),
    labels: Labels.default({}),
    /** Set to each imported version. A deployment that names one of them then gets the version. */
    aliases: z.array(Name).max(8).default([]),
    intervalSeconds: z
      .int()
      .min(FEED_INTERVAL_SECONDS.min)
      .max(FEED_INTERVAL_SECONDS.max)
      .default(FEED_INTERVAL_SECONDS.usual),
  })
  .refine((spec) => /^models:/i.test(spec.place) === (spec.server !== undefined), {
    message: 'a place of MLflow needs its server, and no other place has one',
    path: ['server'],
  })
export type ModelFeedSpec = z.infer<typeof ModelFeedSpec>

/**
 * - `new`: not checked yet.
 * - `current`: the newest version of the place is in the hub.
 * - `paused`: a person paused the feed.
 * - `failed`: the problem names the reason. The hub tries again.
 */
export const ModelFeedState = z.enum(['new', 'current', 'paused', 'failed'])
export type ModelFeedState = z.infer<typeof ModelFeedState>

/** The codes of a feed's problem. Others are codes of the API, from the push that was rejected. */
export const FEED_PROBLEMS = ['feed_unreachable', 'feed_refused', 'feed_too_slow'] as const
export type FeedProblemCode = (typeof FEED_PROBLEMS)[number]

export const ModelFeed = z.strictObject({
  name: Name,
  spec: ModelFeedSpec,
  state: ModelFeedState,
  hasToken: z.boolean(),
  paused: z.strictObject({ atMs: InstantMs, by: z.string().max(63), reason: z.string().max(500) }).optional(),
  /** The version that the feed pushed last, and the state of the place then. */
  imported: z
    .strictObject({ version: z.int().min(1), revision: z.string().max(500).optional(), atMs: InstantMs })
    .optional(),
  problem: z.strictObject({ code: z.string().max(60), message: z.string().max(2_000), sinceMs: InstantMs }).optional(),
  checkedAtMs: InstantMs.optional(),
  nextAtMs: InstantMs,
  createdAtMs: InstantMs,
  changedAtMs: InstantMs,
  changedBy: z.string().max(63),
})
export type ModelFeed = z.infer<typeof ModelFeed>
