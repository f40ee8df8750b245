/** Source look: how a source does on a device just now: its connection, its groups, and the newest value of each tag. */
import * as z from 'zod'
import { ConnectionState } from '../connections/connection.ts'
import { TAGS_READ_MAX } from '../devices/device-command.ts'
import { LookCause } from '../hub/queue-look.ts'
import { InstantMs, Name } from '../values/names.ts'
import { TagName, TagValue } from './tag.ts'

/** Of an array, and of a text: a table shows less, and a thousand tags are to stay a message a second. */
export const TAG_ITEMS_SHOWN_MAX = 64
export const TAG_TEXT_SHOWN_MAX = 500

const GROUPS_MAX = 100

const Count = z.int().min(0)

export const TagLook = z.object({
  name: TagName,
  group: Name,
  unit: z.string().max(20).optional(),
  /** The newest; absent before the first. */
  value: TagValue.optional(),
  /** Items of an array, or characters of a text, that are not shown. */
  omitted: Count.optional(),
  /** Since the source was started: values that were told, and those of them that were bad. */
  told: Count,
  bad: Count,
})
export type TagLook = z.infer<typeof TagLook>

export const GroupLook = z.object({
  name: Name,
  everyMs: z.int().min(1),
  tags: Count,
  /** Rounds that were read, or messages of equipment that speaks by itself; and rounds that were left out, as the one before took too long. */
  rounds: Count,
  overruns: Count,
  lastRoundMs: z.number().min(0),
  /** Values that were news, and that were not. */
  told: Count,
  untold: Count,
  /** How many of its tags are so now; what is missing to all has not been read yet. */
  good: Count,
  uncertain: Count,
  bad: Count,
})
export type GroupLook = z.infer<typeof GroupLook>

export const SourceLook = z.object({
  kind: z.literal('source'),
  name: Name,
  protocol: z.string().max(63),
  /** By the clock of the device. */
  atMs: InstantMs,
  state: ConnectionState,
  sinceMs: InstantMs,
  cause: LookCause.optional(),
  connection: z.object({
    /** Since the source was started: how often it connected, and how often it lost or did not get the connection. */
    connects: Count,
    troubles: Count,
    /** Of its thread, within ten minutes. */
    crashes: Count,
    /** Values that nobody took in time. */
    lost: Count,
    valuesPerSecond: z.number().min(0),
  }),
  groups: z.array(GroupLook).max(GROUPS_MAX),
  tags: z.array(TagLook).max(TAGS_READ_MAX),
  /** Tags beyond these. */
  omittedCount: Count,
})
export type SourceLook = z.infer<typeof SourceLook>
