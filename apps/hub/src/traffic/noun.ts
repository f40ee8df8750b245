/** The traffic of models: requests, errors and latency over time, derived from the reports of devices. */
import type { Noun } from '../nouns/noun.ts'
import { trafficHandlers } from './traffic-handlers.ts'
import { sweepHistory } from './traffic-history.ts'
import { sweepTraffic } from './traffic-sweep.ts'

type Handlers = { traffic: typeof trafficHandlers }

const handlers: Handlers = { traffic: trafficHandlers }

export const trafficNoun = {
  handlers,
  purge: [
    ['traffic_counters', ['device_id', 'model']],
    ['traffic_parts', ['device_id', 'organisation_id', 'model', 'start_ms', 'step_ms', 'version']],
  ],
  sweeps: [
    { name: 'traffic', everyMs: 60_000, run: sweepTraffic },
    { name: 'traffic-history', everyMs: 600_000, run: sweepHistory },
  ],
} satisfies Noun
