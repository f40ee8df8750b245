/**
 * Device commands: requests of the hub to one device over its link, and the device's answers. Messages are small; bytes
 * that belong to them (tensors, log lines) go over HTTPS on the same port. A kind is a row in each of the two tables
 * below: its request, and its answer.
 */
import * as z from 'zod'
import { ServiceName } from '../apps/app.ts'
import { APP_LOG_LINES_MAX } from '../apps/app-log.ts'
import { KEYS_MAX, RequestKey, ROWS_READ_MAX } from '../captures/capture.ts'
import { BROWSE_PATH_MAX } from '../connections/browse-entry.ts'
import { ConnectionState } from '../connections/connection.ts'
import { SINK_TEST_BYTES_MAX, SINK_TEST_WAIT_MAX_MS, SinkTrialShape } from '../sinks/sink-trial.ts'
import { ELEMENTS_WRITTEN_MAX, TagName, TagValue } from '../sources/tag.ts'
import { StreamParams, StreamUse } from '../streams/stream.ts'
import { Digest } from '../values/digest.ts'
import { CommandId, StreamId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { Cause } from './item.ts'
import { LOG_LINES_MAX, LogLevel } from './log-line.ts'

/**
 * A 4K image of three channels is 24 MiB in UINT8. The limit is half of the runner's own, because the hub and the
 * network carry it too.
 */
export const COMMAND_BYTES_MAX = 32 * 1024 * 1024

/** Longer than a model that anybody waits for takes, shorter than proxies keep a silent request open. */
export const COMMAND_TIMEOUT_MS = 30_000
export const COMMAND_TIMEOUT_MAX_MS = 120_000

/** More than fit on any screen. A large source whose values are all needed in time gets a sink. */
export const TAGS_READ_MAX = 1_000

/** Texts of controllers have up to 254 characters, and of servers somewhat more. */
const Written = z.union([z.number(), z.boolean(), z.string().max(1_000)])

/** All elements as the longest numbers; it is carried in the message itself. */
const LIST_CHARACTERS_MAX = 64_000

const WrittenList = z
  .array(Written)
  .max(ELEMENTS_WRITTEN_MAX)
  .refine(
    (list) => JSON.stringify(list).length <= LIST_CHARACTERS_MAX,
    `a list may have ${LIST_CHARACTERS_MAX} characters`,
  )

/** One value; a list for a tag that is an array, all its elements, and for one that is a method, its arguments. */
export const TagWritten = z.union([Written, WrittenList])
export type TagWritten = z.infer<typeof TagWritten>

/** A tag's newest value as people read it, with the unit of its source. */
export const TagReading = z.strictObject({ unit: z.string().max(20).optional(), value: TagValue })
export type TagReading = z.infer<typeof TagReading>

/** The part of a device that a person looks at. */
export const LookSubject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('flow'), name: Name }),
  /** All tags if none are named; cut to the most that one answer holds. */
  z.object({ kind: z.literal('source'), name: Name, tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional() }),
])
export type LookSubject = z.infer<typeof LookSubject>

/** A source that is tested before it is set is a part of one, or a small one; some thousand tags. */
export const SOURCE_TEST_BYTES_MAX = 1024 * 1024

/** Long enough for equipment that speaks once a minute, shorter than a command may wait. */
export const SOURCE_TEST_WAIT_MAX_MS = 60_000

/** Room for the kinds of many versions to come. */
export const LINK_KINDS_MAX = 64

/** The result of testing a source, beside the values of its tags. */
export const SourceTestShape = {
  /** `connecting`: the time was over before anything was known. */
  state: ConnectionState,
  cause: Cause.optional(),
  /** Tags that were tried and gave nothing, and those that were not tried since they were too many. */
  silentCount: z.int().min(0),
  omittedCount: z.int().min(0),
}

const common = {
  id: CommandId,
  /** How long the hub waits from now on: a length of time, because the device's clock may be wrong. */
  expiresInMs: z.int().min(0).max(COMMAND_TIMEOUT_MAX_MS),
}

/**
 * The commands to a device. An older device drops fields that a later hub adds, so a new field must be one that may be
 * dropped. Three commands come with bytes. `infer` has a request of the Open Inference Protocol, JSON and then tensors.
 * `test-source` and `test-sink` have the spec of the source or sink, as JSON.
 */
const questions = {
  infer: z.object({
    ...common,
    kind: z.literal('infer'),
    model: Name,
    /** The serving version if absent. */
    version: z.int().min(1).optional(),
    /** [Binary tensor data extension] Length of the JSON at the start of the bytes. */
    jsonBytes: z.int().min(2).max(COMMAND_BYTES_MAX),
    bytes: z.int().min(2).max(COMMAND_BYTES_MAX),
  }),
  logs: z.object({
    ...common,
    kind: z.literal('logs'),
    /** This level and those above. */
    level: LogLevel,
    limit: z.int().min(1).max(LOG_LINES_MAX),
  }),
  'read-tags': z.object({
    ...common,
    kind: z.literal('read-tags'),
    source: Name,
    /** All tags of the source if absent. */
    tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional(),
  }),
  /** The state and the values of a part; comes every second while somebody watches. */
  look: z.object({ ...common, kind: z.literal('look'), at: LookSubject }),
  /**
   * Done once or not at all. If the hub does not learn its end, the result is unknown, and the hub must not repeat the
   * command blindly.
   */
  'write-tag': z.object({
    ...common,
    kind: z.literal('write-tag'),
    source: Name,
    tag: TagName,
    value: TagWritten,
  }),
  /** One level of the tree that the equipment of a source has. */
  'browse-source': z.object({
    ...common,
    kind: z.literal('browse-source'),
    source: Name,
    /** The top of the tree if empty. */
    path: z.string().max(BROWSE_PATH_MAX),
    /** Fetches the entries after the one of this path. */
    after: z.string().max(BROWSE_PATH_MAX).optional(),
  }),
  /** Connects to equipment by a spec that runs nowhere yet, reads it, and forgets it. */
  'test-source': z.object({
    ...common,
    kind: z.literal('test-source'),
    bytes: z.int().min(2).max(SOURCE_TEST_BYTES_MAX),
    /** The digest of the bytes: the device connects to nothing that the hub did not sign. */
    digest: Digest,
    tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional(),
    /** How long to wait for the first values. */
    waitMs: z.int().min(0).max(SOURCE_TEST_WAIT_MAX_MS),
  }),
  /** Connects to the destination of a sink that need not run here. */
  'test-sink': z.object({
    ...common,
    kind: z.literal('test-sink'),
    bytes: z.int().min(2).max(SINK_TEST_BYTES_MAX),
    /** The digest of the bytes: the device connects to nothing that the hub did not sign. */
    digest: Digest,
    /** Sends a marked test value. Without it the test writes nothing. */
    isSent: z.boolean(),
    waitMs: z.int().min(0).max(SINK_TEST_WAIT_MAX_MS),
  }),
  /** Restarts a source, also one that stays stopped because it crashed too often. */
  'restart-source': z.object({ ...common, kind: z.literal('restart-source'), source: Name }),
  /** The newest lines that the containers of an app wrote. */
  'app-logs': z.object({
    ...common,
    kind: z.literal('app-logs'),
    app: Name,
    /** All services if absent. */
    service: ServiceName.optional(),
    tail: z.int().min(1).max(APP_LOG_LINES_MAX),
    sinceMs: InstantMs.optional(),
  }),
  /** Rows that the device keeps of a model, newest first. */
  'read-captures': z.object({
    ...common,
    kind: z.literal('read-captures'),
    model: Name,
    limit: z.int().min(1).max(Math.max(KEYS_MAX, ROWS_READ_MAX)),
    /** Rows before this place. */
    before: z.int().min(1).optional(),
    /** Only the rows of these requests. */
    requests: z.array(RequestKey).min(1).max(KEYS_MAX).optional(),
    /** Without inputs and outputs. */
    isBrief: z.boolean().optional(),
  }),
  /** The device opens a second connection to the hub, at the path of this stream, and serves it. */
  stream: z.object({ ...common, kind: z.literal('stream'), stream: StreamId, use: StreamUse, params: StreamParams }),
}

/** The answers of devices, by kind. */
const answers = {
  infer: z.object({
    id: CommandId,
    kind: z.literal('infer'),
    /** From the last byte of the request to the first of the answer, between the agent and its runner. */
    runnerUs: z.int().min(0),
    jsonBytes: z.int().min(2).max(COMMAND_BYTES_MAX),
  }),
  logs: z.object({
    id: CommandId,
    kind: z.literal('logs'),
    /** Lines that would have fitted, and are older than the ones sent. */
    omittedCount: z.int().min(0),
  }),
  'read-tags': z.object({
    id: CommandId,
    kind: z.literal('read-tags'),
    /** Tags that have a value too, beyond those that were sent. */
    omittedCount: z.int().min(0),
  }),
  look: z.object({ id: CommandId, kind: z.literal('look') }),
  'write-tag': z.object({
    id: CommandId,
    kind: z.literal('write-tag'),
    /** The newest value that was known before; absent if there was none, or if it is too long for the answer. */
    before: TagValue.optional(),
  }),
  'browse-source': z.object({
    id: CommandId,
    kind: z.literal('browse-source'),
    /** Entries of the level that come after those that were sent. */
    omittedCount: z.int().min(0),
  }),
  'test-source': z.object({
    id: CommandId,
    kind: z.literal('test-source'),
    ...SourceTestShape,
  }),
  'test-sink': z.object({ id: CommandId, kind: z.literal('test-sink'), ...SinkTrialShape }),
  'restart-source': z.object({
    id: CommandId,
    kind: z.literal('restart-source'),
    /** The state of the source before. */
    before: ConnectionState,
  }),
  'app-logs': z.object({ id: CommandId, kind: z.literal('app-logs') }),
  'read-captures': z.object({
    id: CommandId,
    kind: z.literal('read-captures'),
    heldCount: z.int().min(0),
    /** Rows that the device left out, since its agent started. */
    droppedCount: z.int().min(0),
    /** The answer was full before all wanted rows were in it. */
    isCut: z.boolean().optional(),
  }),
  /** The stream is open. */
  stream: z.object({ id: CommandId, kind: z.literal('stream') }),
}

export const DeviceCommand = z.discriminatedUnion('kind', [
  questions.infer,
  questions.logs,
  questions['read-tags'],
  questions.look,
  questions['write-tag'],
  questions['browse-source'],
  questions['test-source'],
  questions['test-sink'],
  questions['restart-source'],
  questions['app-logs'],
  questions['read-captures'],
  questions.stream,
])
export type DeviceCommand = z.infer<typeof DeviceCommand>
export type CommandKind = DeviceCommand['kind']
export type CommandOf<Kind extends CommandKind> = Extract<DeviceCommand, { kind: Kind }>

/** `cancel` ends a command that no caller waits for any more. */
export const CommandMessage = z.discriminatedUnion('kind', [
  questions.infer,
  questions.logs,
  questions['read-tags'],
  questions.look,
  questions['write-tag'],
  questions['browse-source'],
  questions['test-source'],
  questions['test-sink'],
  questions['restart-source'],
  questions['app-logs'],
  questions['read-captures'],
  questions.stream,
  z.object({ kind: z.literal('cancel'), id: CommandId }),
])
export type CommandMessage = z.infer<typeof CommandMessage>

/**
 * Why a device did not carry out a command: codes of the API. An unknown code of a later agent counts as the last of
 * these.
 */
export const CommandRefusalCode = z
  .enum([
    'command_unknown',
    'device_busy',
    'model_unserved',
    'inference_refused',
    'inference_failed',
    'answer_too_large',
    'source_unknown',
    'tag_unknown',
    'flow_unknown',
    'tag_interlocked',
    'write_refused',
    'write_unverified',
    'source_refused',
    'browse_unknown',
    'browse_failed',
    'app_unknown',
    'stream_unknown',
    'stream_refused',
    'access_refused',
    'command_failed',
  ])
  .catch('command_failed')
export type CommandRefusalCode = z.infer<typeof CommandRefusalCode>

export const CommandRefusal = z.object({
  id: CommandId,
  kind: z.literal('refused'),
  code: CommandRefusalCode,
  message: z.string().min(1).max(2_000),
})

export const CommandAnswer = z.discriminatedUnion('kind', [
  answers.infer,
  answers.logs,
  answers['read-tags'],
  answers.look,
  answers['write-tag'],
  answers['browse-source'],
  answers['test-source'],
  answers['test-sink'],
  answers['restart-source'],
  answers['app-logs'],
  answers['read-captures'],
  answers.stream,
  CommandRefusal,
])
export type CommandAnswer = z.infer<typeof CommandAnswer>
export type AnswerOf<Kind extends CommandKind> = Extract<CommandAnswer, { kind: Kind }>
