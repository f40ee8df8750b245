/**
 * Source look: how a source does on a device just now: its connection, its groups, and the newest value of each tag.
 */
import * as z from 'zod'
import { ConnectionState } from '../connections/connection.ts'
import { TAGS_READ_MAX } from '../devices/device-command.ts'
import { LookCause } from '../hub/queue-look.ts'
import { InstantMs, Name } from '../values/names.ts'
import { TagName, TagValue } from './tag.ts'

/** For an array, and for a text: a table shows less, and a thousand tags must fit in one message a second. */
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
  /** Since the source was started: values that were sent, and the bad ones among them. */
  told: Count,
  bad: Count,
})
export type TagLook = z.infer<typeof TagLook>

export const GroupLook = z.object({
  name: Name,
  everyMs: z.int().min(1),
  tags: Count,
  /**
   * Rounds that were read, or messages of equipment that speaks by itself; and rounds that were left out, as the one
   * before took too long.
   */
  rounds: Count,
  overruns: Count,
  lastRoundMs: z.number().min(0),
  /** Values that had changed enough to be sent, and values that had not. */
  told: Count,
  untold: Count,
  /** How many of its tags have each quality now; tags that were not read yet are in none of the counts. */
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
    /** Crashes of its thread within ten minutes. */
    crashes: Count,
    /** Values that were lost because no reader took them in time. */
    lost: Count,
    valuesPerSecond: z.number().min(0),
  }),
  groups: z.array(GroupLook).max(GROUPS_MAX),
  tags: z.array(TagLook).max(TAGS_READ_MAX),
  /** The number of tags beyond these. */
  omittedCount: Count,
})
export type SourceLook = z.infer<typeof SourceLook>
