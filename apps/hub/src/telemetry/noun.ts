/** Telemetry that devices send to the hub. */
import type { Noun } from '../nouns/noun.ts'
import { telemetryHandlers } from './telemetry-handlers.ts'
import { sweepTelemetry } from './telemetry-sweep.ts'

type Handlers = {
  telemetry: typeof telemetryHandlers
}

const handlers: Handlers = { telemetry: telemetryHandlers }

export const telemetryNoun = {
  handlers,
  purge: [
    ['telemetry', ['device_id', 'signal', 'at_ms', 'stream', 'lane', 'sequence']],
    ['telemetry_signals', ['device_id', 'signal']],
    ['telemetry_streams', ['device_id', 'stream', 'lane']],
    ['telemetry_hours', ['organisation_id', 'hour']],
  ],
  sweeps: [{ name: 'telemetry', everyMs: 60_000, run: sweepTelemetry }],
} satisfies Noun
