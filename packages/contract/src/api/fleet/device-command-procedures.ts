/**
 * Procedures that send a command to one device over its link. Each waits for the device, and reports why if it cannot.
 */

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
import { SINK_TEST_WAIT_MAX_MS, SinkTrialShape } from '../../sinks/sink-trial.ts'
import { TagName, TagValue } from '../../sources/tag.ts'
import { InstantMs, Name, Reason } from '../../values/names.ts'
import { procedure } from '../procedure.ts'
import { DeviceReference } from './device-procedures.ts'

/** Errors that any command can meet. */
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
    // It changes nothing, but is audited all the same, because a log shows things that are not meant for everybody.
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

/** Commands about a source that the device runs. */
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
        /** All tags of the source if absent; cut to the most that one answer holds. */
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
        /** The last value of the tag that the device knew; absent if it knew none. */
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
        /** The path of an entry; the top if empty. */
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
        /** The value of `after` for the next request; absent if there is nothing more. */
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
        /** The spec of the source; its name is that of the path. */
        spec: ConnectionSpec,
        /** All tags of the source if absent; cut to the most that one answer holds. */
        tags: z.array(TagName).min(1).max(TAGS_READ_MAX).optional(),
        /** How long to wait for values: equipment that sends by itself may do so seldom. */
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
        /** The state of the source before. */
        before: ConnectionState,
      }),
    ),
}

export const sinkCommandProcedures = {
  test: procedure({
    method: 'POST',
    path: '/v1/devices/{device}/sinks/{sink}/test',
    access: 'connection.write',
    scope: 'named',
    approval: 'deployments',
    summary: 'Let a device test a sink that need not be set: connect, and send a marked test value if requested',
    errors: [...unanswered, 'device_quarantined', 'source_refused', 'approval_needed'],
  })
    .input(
      z.strictObject({
        device: DeviceReference,
        sink: Name,
        /** The spec of the sink; its name is that of the path. */
        spec: ConnectionSpec,
        /** Sends one test value. Without it nothing is written. */
        send: z.boolean().default(false),
        waitMs: z.int().min(0).max(SINK_TEST_WAIT_MAX_MS).default(15_000),
      }),
    )
    .output(z.strictObject({ device: Name, sink: Name, atMs: InstantMs, ...SinkTrialShape })),
}
