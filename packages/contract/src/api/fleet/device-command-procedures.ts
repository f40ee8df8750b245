/** Procedures that ask one device something over its link. Each waits for the device, and says why where it cannot. */

import * as z from 'zod'
import { BROWSE_ENTRIES_MAX, BROWSE_PATH_MAX, BrowseEntry } from '../../connections/browse-entry.ts'
import { ConnectionSpec, ConnectionState } from '../../connections/connection.ts'
import {
  SOURCE_TEST_WAIT_MAX_MS,
  SourceTestShape,
  TAGS_READ_MAX,
  TagReading,
  TagWritten,
} from '../../devices/device-command.ts'
import { LOG_LINES_MAX, LogLevel, LogLine } from '../../devices/log-line.ts'
import type { ErrorCode } from '../../errors/errors.ts'
import { InferAnswer, InferQuestion } from '../../models/infer.ts'
import { TagName, TagValue } from '../../sources/tag.ts'
import { InstantMs, Name, Reason } from '../../values/names.ts'
import { procedure } from '../procedure.ts'
import { DeviceReference } from './device-procedures.ts'

/** What can be in the way of any command. */
export const unanswered = [
  'device_unknown',
  'device_unreachable',
  'hub_peer_unreachable',
  'device_outdated',
  'device_busy',
  'hub_busy',
  'command_timeout',
  'command_cancelled',
  'command_failed',
  'answer_too_large',
] as const satisfies readonly ErrorCode[]

export const deviceCommandProcedures = {
  infer: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/models/{model}/infer',
    access: 'model.run',
    scope: 'named',
    approval: 'none',
    summary: 'Run the serving version of a model on a device once',
    errors: [
      ...unanswered,
      'device_quarantined',
      'model_unknown',
      'model_unserved',
      'inference_refused',
      'inference_failed',
    ],
  })
    .input(z.strictObject({ device: DeviceReference, model: Name, ...InferQuestion.shape }))
    .output(InferAnswer),
  logs: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/logs',
    access: 'device.inspect',
    scope: 'named',
    approval: 'none',
    // It changes nothing, and is audited all the same: whoever reads a log sees what is nobody else's to see.
    isReadOnly: false,
    summary: 'Fetch the newest log lines of an agent, oldest first',
    errors: [...unanswered],
  })
    .input(
      z.strictObject({
        device: DeviceReference,
        /** This level and those above. */
        level: LogLevel.default('debug'),
        limit: z.coerce.number<number | string>().int().min(1).max(LOG_LINES_MAX).default(200),
      }),
    )
    .output(
      z.strictObject({
        device: Name,
        /** When the hub got them. */
        atMs: InstantMs,
        lines: z.array(LogLine).max(LOG_LINES_MAX),
        /** Lines of the level that the device has too, older than these. */
        omittedCount: z.int().min(0),
      }),
    ),
}

const ofSource = { device: DeviceReference, source: Name }

/** What a device is asked of a source that it runs. */
export const sourceCommandProcedures = {
  read: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/sources/{source}/read',
    access: 'connection.read',
    scope: 'named',
    approval: 'none',
    isReadOnly: true,
    summary: 'Fetch the newest values of the tags of a source from a device',
    errors: [...unanswered, 'source_unknown', 'tag_unknown'],
  })
    .input(
      z.strictObject({
        ...ofSource,
        /** All of the source, where absent; the first of them, where they are more than are told at once. */
        tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional(),
      }),
    )
    .output(
      z.strictObject({
        device: Name,
        source: Name,
        /** When the hub got them. */
        atMs: InstantMs,
        readings: z.array(TagReading).max(TAGS_READ_MAX),
        /** Tags that have a value too, beyond these. */
        omittedCount: z.int().min(0),
      }),
    ),
  write: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/sources/{source}/tags/{tag}/write',
    access: 'tag.write',
    scope: 'named',
    approval: 'none',
    summary: 'Write one tag of a source on a device, once, within the bounds that the source sets',
    errors: [
      ...unanswered,
      'device_quarantined',
      'source_unknown',
      'tag_unknown',
      'tag_interlocked',
      'write_refused',
      'write_unverified',
    ],
  })
    .input(z.strictObject({ ...ofSource, tag: TagName, value: TagWritten, reason: Reason }))
    .output(
      z.strictObject({
        device: Name,
        source: Name,
        tag: TagName,
        value: TagWritten,
        /** What the device knew of the tag before; absent where it knew nothing. */
        before: TagValue.optional(),
      }),
    ),
  browse: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/sources/{source}/browse',
    access: 'device.inspect',
    scope: 'named',
    approval: 'none',
    isReadOnly: true,
    summary: 'Browse the equipment of a source, one level at a time, through the device that runs it',
    errors: [...unanswered, 'source_unknown', 'browse_unknown', 'browse_failed'],
  })
    .input(
      z.strictObject({
        ...ofSource,
        /** As an entry has it; the top, where it is empty. */
        path: z.string().max(BROWSE_PATH_MAX).default(''),
        /** `next` of the answer before. */
        after: z.string().max(BROWSE_PATH_MAX).optional(),
      }),
    )
    .output(
      z.strictObject({
        device: Name,
        source: Name,
        /** When the hub got them. */
        atMs: InstantMs,
        path: z.string(),
        entries: z.array(BrowseEntry).max(BROWSE_ENTRIES_MAX),
        /** Entries that come after these. */
        omittedCount: z.int().min(0),
        /** Where to go on; absent where there is nothing more. */
        next: z.string().optional(),
      }),
    ),
  test: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/sources/{source}/test',
    access: 'connection.write',
    scope: 'named',
    approval: 'deployments',
    summary: 'Let a device test a source that is not set: connect, read its tags once, and discard it',
    errors: [...unanswered, 'device_quarantined', 'source_refused', 'tag_unknown', 'approval_needed'],
  })
    .input(
      z.strictObject({
        ...ofSource,
        /** What the source says; its name is that of the path. */
        spec: ConnectionSpec,
        /** All of the source, where absent; the first of them, where they are more than are told at once. */
        tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional(),
        /** How long to wait for values: what speaks by itself may do so seldom. */
        waitMs: z.int().min(0).max(SOURCE_TEST_WAIT_MAX_MS).default(10_000),
      }),
    )
    .output(
      z.strictObject({
        device: Name,
        source: Name,
        /** When the hub got them. */
        atMs: InstantMs,
        readings: z.array(TagReading).max(TAGS_READ_MAX),
        ...SourceTestShape,
      }),
    ),
  restart: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/sources/{source}/restart',
    access: 'device.write',
    scope: 'named',
    approval: 'none',
    summary: 'Restart a source on a device, also one that is in quarantine because it crashed too often',
    errors: [...unanswered, 'device_quarantined', 'source_unknown', 'source_refused'],
  })
    .input(z.strictObject({ ...ofSource, reason: Reason }))
    .output(
      z.strictObject({
        device: Name,
        source: Name,
        /** How it was before. */
        before: ConnectionState,
      }),
    ),
}
