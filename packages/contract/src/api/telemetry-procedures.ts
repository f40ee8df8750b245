/** Procedures on the values that devices have sent to the hub. */
import * as z from 'zod'
import { TELEMETRY_BUCKETS_MAX, TelemetrySeries, TelemetrySignal } from '../hub/telemetry.ts'
import { SignalPath } from '../sinks/sink-value.ts'
import { InstantMs, Page, pageOf } from '../values/names.ts'
import { DeviceReference } from './fleet/device-procedures.ts'
import { procedure } from './procedure.ts'

const Instant = z.coerce.number<number | string>().pipe(InstantMs)

export const telemetryProcedures = {
  signals: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/telemetry',
    access: 'fleet.read',
    scope: 'named',
    approval: 'none',
    summary: 'List the signals whose values a device has sent, by name, with the newest value of each',
    errors: ['device_unknown'],
  })
    .input(z.strictObject({ ...Page, device: DeviceReference }))
    .output(pageOf(TelemetrySignal)),
  query: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/telemetry/series',
    access: 'fleet.read',
    scope: 'named',
    approval: 'none',
    summary: 'Show the values of one signal over a time, in buckets with minimum, mean and maximum',
    errors: ['device_unknown'],
  })
    .input(
      z.strictObject({
        device: DeviceReference,
        /** Which one; never left out. */
        signal: SignalPath.optional(),
        /** By default the hour before `toMs`, and now. */
        fromMs: Instant.optional(),
        toMs: Instant.optional(),
        buckets: z.coerce.number<number | string>().int().min(1).max(TELEMETRY_BUCKETS_MAX).default(100),
      }),
    )
    .output(TelemetrySeries),
}
