/** Procedures that ask one device something over its link. Each waits for the device, and says why where it cannot. */

import * as z from 'zod'
import type { ErrorCode } from '../errors.ts'
import { InferAnswer, InferQuestion } from '../infer.ts'
import { LOG_LINES_MAX, LogLevel, LogLine } from '../log-line.ts'
import { InstantMs, Name } from '../names.ts'
import { DeviceReference } from './device-procedures.ts'
import { procedure } from './procedure.ts'

/** What can be in the way of any command. */
const unanswered = [
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
    summary: 'Run a model on a device once, as the device serves it now',
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
    summary: "Fetch the newest lines of the log of a device's agent, oldest first",
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
    )
    // It changes nothing, and is audited all the same: whoever reads a log sees what is nobody else's to see.
    .meta({ access: 'device.inspect', isReadOnly: false }),
}
