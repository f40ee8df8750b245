/**
 * Device commands: what the hub asks of one device over its link, and what the device answers. Messages are small; bytes that belong to
 * them (tensors, log lines) go over HTTPS on the same port. A kind is a row of the two tables below: what is asked, and what is answered.
 */
import * as z from 'zod'
import { BROWSE_PATH_MAX } from '../connections/browse-entry.ts'
import { ConnectionState } from '../connections/connection.ts'
import { ELEMENTS_WRITTEN_MAX, TagName, TagValue } from '../sources/tag.ts'
import { Digest } from '../values/digest.ts'
import { CommandId } from '../values/ids.ts'
import { Name } from '../values/names.ts'
import { Cause } from './item.ts'
import { LOG_LINES_MAX, LogLevel } from './log-line.ts'

/** A 4K image of three channels is 24 MiB in UINT8; half of what the runner itself takes, since the hub and the network carry it too. */
export const COMMAND_BYTES_MAX = 32 * 1024 * 1024

/** Longer than a model that anybody waits for takes, shorter than proxies keep a silent request open. */
export const COMMAND_TIMEOUT_MS = 30_000
export const COMMAND_TIMEOUT_MAX_MS = 120_000

/** More than fit on any screen; who wants all of a large source in time connects a sink. */
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

/** What a person looks at. */
export const LookSubject = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('flow'), name: Name }),
  /** All tags, where none are named; the first of them, where they are more than are told at once. */
  z.object({ kind: z.literal('source'), name: Name, tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional() }),
])
export type LookSubject = z.infer<typeof LookSubject>

/** What is tried before it is set is a part of a source, or a small one; some thousand tags. */
export const SOURCE_TEST_BYTES_MAX = 1024 * 1024

/** Long enough for equipment that speaks once a minute, shorter than a command may wait. */
export const SOURCE_TEST_WAIT_MAX_MS = 60_000

/** Room for the kinds of many versions to come. */
export const LINK_KINDS_MAX = 64

/** What came of trying a source, beside what its tags said. */
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
 * What a device can be asked. Fields that a later hub adds are left out by an older device, so they must be such as may be left out.
 * Two take bytes: `infer` a request of the Open Inference Protocol, JSON and then tensors, and `test-source` what the source says, as JSON.
 */
const questions = {
  infer: z.object({
    ...common,
    kind: z.literal('infer'),
    model: Name,
    /** What serves now, where absent. */
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
    /** All of the source, where absent. */
    tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional(),
  }),
  /** How something does and what it says; comes every second while somebody watches. */
  look: z.object({ ...common, kind: z.literal('look'), at: LookSubject }),
  /** Done once or not at all: whoever does not hear of its end does not know, and is not to ask again blindly. */
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
    /** The top, where empty. */
    path: z.string().max(BROWSE_PATH_MAX),
    /** What comes after the entry of this path. */
    after: z.string().max(BROWSE_PATH_MAX).optional(),
  }),
  /** Connects to equipment as a source says that runs nowhere yet, reads it, and forgets it. */
  'test-source': z.object({
    ...common,
    kind: z.literal('test-source'),
    bytes: z.int().min(2).max(SOURCE_TEST_BYTES_MAX),
    /** Of the bytes: the device connects to nothing that the hub did not sign. */
    digest: Digest,
    tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional(),
    /** How long to wait for the first values. */
    waitMs: z.int().min(0).max(SOURCE_TEST_WAIT_MAX_MS),
  }),
  /** Ends a source and begins it anew, also one that was left alone because it crashed too often. */
  'restart-source': z.object({ ...common, kind: z.literal('restart-source'), source: Name }),
}

/** What it answers, by kind. */
const answers = {
  infer: z.strictObject({
    id: CommandId,
    kind: z.literal('infer'),
    /** From the last byte of the request to the first of the answer, between the agent and its runner. */
    runnerUs: z.int().min(0),
    jsonBytes: z.int().min(2).max(COMMAND_BYTES_MAX),
  }),
  logs: z.strictObject({
    id: CommandId,
    kind: z.literal('logs'),
    /** Lines that would have fitted, and are older than the ones sent. */
    omittedCount: z.int().min(0),
  }),
  'read-tags': z.strictObject({
    id: CommandId,
    kind: z.literal('read-tags'),
    /** Tags that have a value too, beyond those that were sent. */
    omittedCount: z.int().min(0),
  }),
  look: z.strictObject({ id: CommandId, kind: z.literal('look') }),
  'write-tag': z.strictObject({
    id: CommandId,
    kind: z.literal('write-tag'),
    /** The newest value that was known before; absent where there was none, or it is too long to tell. */
    before: TagValue.optional(),
  }),
  'browse-source': z.strictObject({
    id: CommandId,
    kind: z.literal('browse-source'),
    /** Entries of the level that come after those that were sent. */
    omittedCount: z.int().min(0),
  }),
  'test-source': z.strictObject({
    id: CommandId,
    kind: z.literal('test-source'),
    ...SourceTestShape,
  }),
  'restart-source': z.strictObject({
    id: CommandId,
    kind: z.literal('restart-source'),
    /** How it was before. */
    before: ConnectionState,
  }),
}

export const DeviceCommand = z.discriminatedUnion('kind', [
  questions.infer,
  questions.logs,
  questions['read-tags'],
  questions.look,
  questions['write-tag'],
  questions['browse-source'],
  questions['test-source'],
  questions['restart-source'],
])
export type DeviceCommand = z.infer<typeof DeviceCommand>
export type CommandKind = DeviceCommand['kind']
export type CommandOf<Kind extends CommandKind> = Extract<DeviceCommand, { kind: Kind }>

/** `cancel` ends a command that nobody waits for any more. */
export const CommandMessage = z.discriminatedUnion('kind', [
  questions.infer,
  questions.logs,
  questions['read-tags'],
  questions.look,
  questions['write-tag'],
  questions['browse-source'],
  questions['test-source'],
  questions['restart-source'],
  z.object({ kind: z.literal('cancel'), id: CommandId }),
])
export type CommandMessage = z.infer<typeof CommandMessage>

/** Why a device did not do what it was asked: codes of the API. One that a later agent adds means the last of these. */
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
    'command_failed',
  ])
  .catch('command_failed')
export type CommandRefusalCode = z.infer<typeof CommandRefusalCode>

export const CommandRefusal = z.strictObject({
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
  answers['restart-source'],
  CommandRefusal,
])
export type CommandAnswer = z.infer<typeof CommandAnswer>
export type AnswerOf<Kind extends CommandKind> = Extract<CommandAnswer, { kind: Kind }>
