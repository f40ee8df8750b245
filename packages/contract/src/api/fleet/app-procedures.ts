/** Procedures about the app of a device. Each waits for the device, and reports why if it cannot. */
import * as z from 'zod'
import { ServiceName } from '../../apps/app.ts'
import { APP_LOG_LINES_MAX, AppLogLine } from '../../apps/app-log.ts'
import { InstantMs, Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'
import { unanswered } from './device-command-procedures.ts'
import { DeviceReference } from './device-procedures.ts'

export const appProcedures = {
  logs: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/apps/{app}/logs',
    access: 'device.inspect',
    scope: 'named',
    approval: 'none',
    // It changes nothing, but is audited all the same, because a log shows things that are not meant for everybody.
    isReadOnly: false,
    summary: 'Fetch the newest lines that the containers of an app wrote, oldest first',
    errors: [...unanswered, 'app_unknown'],
  })
    .input(
      z.strictObject({
        device: DeviceReference,
        app: Name,
        /** All services if absent. */
        service: ServiceName.optional(),
        tail: z.coerce.number<number | string>().int().min(1).max(APP_LOG_LINES_MAX).default(200),
        /** Lines from this time on, by the clock of the device. */
        sinceMs: z.coerce.number<number | string>().int().min(0).optional(),
      }),
    )
    .output(
      z.strictObject({
        device: Name,
        app: Name,
        /** When the hub got them. */
        atMs: InstantMs,
        lines: z.array(AppLogLine).max(APP_LOG_LINES_MAX),
      }),
    ),
}
