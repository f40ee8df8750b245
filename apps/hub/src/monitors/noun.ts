/** Monitors of models, the reference profiles of versions, and the windows that devices count. */
import type { Noun } from '../nouns/noun.ts'
import { monitorHandlers, profileHandlers } from './monitor-handlers.ts'
import { sweepMonitors } from './monitor-sweep.ts'
import { sweepWindows } from './window-sweep.ts'

type Handlers = {
  monitor: typeof monitorHandlers
  profile: typeof profileHandlers
}

const handlers: Handlers = { monitor: monitorHandlers, profile: profileHandlers }

export const monitorNoun = {
  handlers,
  purge: [
    ['monitor_acts', ['organisation_id', 'model', 'at_ms', 'action']],
    ['monitor_sums', ['organisation_id', 'model', 'start_ms', 'version', 'profile']],
    ['monitor_windows', ['device_id', 'stream', 'lane', 'sequence']],
    ['version_profiles', ['version_id']],
    ['monitors', ['organisation_id', 'model']],
  ],
  sweeps: [
    { name: 'monitors', everyMs: 4_000, run: sweepMonitors },
    { name: 'monitor-windows', everyMs: 60_000, run: sweepWindows },
  ],
  raises: { monitor: ['models'], profile: ['models'] },
} satisfies Noun
