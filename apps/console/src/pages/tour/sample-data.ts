/** Sample data: a simulated pump, a model and an alarm, which show the whole way from a sensor to a decision. */
import type { Flow } from '@skerry/contract/flows/flow'
import type { Source } from '@skerry/contract/sources/source'
import type * as z from 'zod'
import { SAMPLE_SITE } from './sample-site.ts'

export const SAMPLE_SOURCE = 'sample-pump'
export const SAMPLE_MODEL = 'sample-anomaly'
export const SAMPLE_FLOW = 'sample-alarm'

/** The deployments have the names of what they deploy. */
export const SAMPLE_DEPLOYABLES = [SAMPLE_FLOW, SAMPLE_MODEL] as const

/** The devices of the sample site, and no others. */
export const SAMPLE_SELECTOR = `site.name == "${SAMPLE_SITE}"`

/** The temperature passes the limit of the alarm twice a minute. */
export const sampleSource: z.input<typeof Source> = {
  name: SAMPLE_SOURCE,
  protocol: 'simulator',
  connection: { seed: 7 },
  groups: [
    {
      name: 'pump',
      everyMs: 1_000,
      tags: [
        {
          name: 'temperature',
          unit: '°C',
          signal: { kind: 'sine', mean: 61, amplitude: 4, periodSeconds: 30 },
        },
        {
          name: 'vibration',
          unit: 'mm/s',
          signal: { kind: 'walk', start: 2.8, step: 0.2, min: 0.5, max: 9 },
        },
      ],
    },
  ],
}

export const sampleFlow: z.input<typeof Flow> = {
  name: SAMPLE_FLOW,
  description: 'Raises an alarm while the simulated pump is too warm',
  inputs: [{ name: 'temperature', source: SAMPLE_SOURCE, tag: 'temperature', onBad: 'mark', maxAgeMs: 15_000 }],
  steps: [{ name: 'alarm', kind: 'threshold', from: 'temperature', above: 63, clear: 61, forMs: 1_000 }],
  sinks: [
    { name: 'alarm', kind: 'hub', from: 'alarm', onChange: true, priority: 'urgent' },
    { name: 'temperature', kind: 'hub', from: 'temperature', everyMs: 2_000 },
  ],
}
