/** Monitors of models and sources, the reference profiles of versions, and the windows that devices count. */
import type { Noun } from '../nouns/noun.ts'
import { REPEAT_MS, tellAlertmanagers } from './alertmanager.ts'
import { monitorHandlers } from './monitor-handlers.ts'
import { sweepMonitors } from './monitor-sweep.ts'
import { profileHandlers } from './profiles/profile-handlers.ts'
import { restraintHandlers } from './restraint-handlers.ts'
import { sourceBaselineHandlers } from './sources/source-baseline-handlers.ts'
import { sweepCohorts, sweepWindows } from './window-sweep.ts'

type Handlers = {
  monitor: typeof monitorHandlers & typeof restraintHandlers & typeof sourceBaselineHandlers
  profile: typeof profileHandlers
}

const handlers: Handlers = {
  monitor: { ...monitorHandlers, ...restraintHandlers, ...sourceBaselineHandlers },
  profile: profileHandlers,
}

export const monitorNoun = {
  handlers,
  purge: [
    ['monitor_dropped', ['organisation_id', 'model', 'day', 'reason']],
    ['monitor_holds', ['organisation_id', 'model', 'flow']],
    ['monitor_cohort_sums', ['organisation_id', 'model', 'start_ms', 'version', 'profile', 'cohort']],
    ['monitor_acts', ['organisation_id', 'model', 'at_ms', 'action']],
    ['monitor_sums', ['organisation_id', 'model', 'start_ms', 'version', 'profile']],
    ['monitor_windows', ['device_id', 'stream', 'lane', 'sequence']],
    ['cohort_profiles', ['version_id', 'cohort']],
    ['version_profiles', ['version_id']],
    ['source_profiles', ['organisation_id', 'source', 'version']],
    ['monitors', ['organisation_id', 'model']],
  ],
  sweeps: [
    { name: 'monitors', everyMs: 4_000, run: sweepMonitors },
    { name: 'alertmanagers', everyMs: REPEAT_MS, run: tellAlertmanagers },
    { name: 'monitor-windows', everyMs: 60_000, run: sweepWindows },
    { name: 'monitor-cohorts', everyMs: 600_000, run: sweepCohorts },
  ],
  raises: { monitor: ['models'], profile: ['models'] },
} satisfies Noun
