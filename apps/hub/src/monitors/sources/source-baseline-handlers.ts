/** Source baseline: takes the values that devices counted in the last days as the reference of a source. */
import type { ProfileSummary } from '@skerry/contract/monitors/monitor'
import { sourceIn } from '@skerry/contract/monitors/subject'
import { inBinsOf, profileFromGrids } from '@skerry/core/monitors/grid/source-profile'
import { os } from '../../http/implementer.ts'
import { problem } from '../../http/problem.ts'
import { knownMonitor } from '../monitor-handlers.ts'
import { countedIn, profileIn, specIn, summaryOf, sumsOf } from '../monitor-store.ts'
import { collectCohorts } from '../profiles/cohort-references.ts'
import { newestSourceProfile, saveSourceProfile } from './source-profile-store.ts'

const DAY_MS = 86_400_000

export const sourceBaselineHandlers = {
  baseline: os.monitor.baseline.handler(async ({ context, input: { name, days } }): Promise<ProfileSummary> => {
    const { hub, organisationId, caller } = context
    const monitor = await knownMonitor(context, name)
    const source = sourceIn(name)
    const row = source === undefined ? undefined : await newestSourceProfile(hub.store.db, { organisationId, source })
    if (source === undefined || !row) throw problem('profile_refused', OF_MODELS)
    const nowMs = hub.clock.nowMs()
    const time = { fromMs: Math.max(0, nowMs - days * DAY_MS), toMs: nowMs }
    const of = { version: row.version, profile: row.digest }
    const windows = (await sumsOf(hub.store.db, { organisationId, model: name, ...time, of })).map(countedIn)
    const made = profileFromGrids(profileIn(row), windows, specIn(monitor.spec).rowsMin)
    if (!made.ok) throw problem('profile_refused', made.message)
    const collected = await collectCohorts(hub.store.db, { organisationId, model: name, profile: row, ...time })
    const cohorts = collected.map((one) => ({ ...one, features: inBinsOf(made.profile, one.features) }))
    const saved = await context.change(async (tx, note) => {
      note.object.id = name
      const stored = { organisationId, source, profile: made.profile, cohorts, nowMs, by: caller.name }
      const kept = await saveSourceProfile(tx, stored)
      note.detail = { digest: kept.digest, version: kept.version, rows: made.profile.rows }
      return kept
    })
    hub.bus.publish('monitors.changed', organisationId)
    const summary = summaryOf({ ...saved, name })
    return cohorts.length > 0 ? { ...summary, cohorts: cohorts.length } : summary
  }),
}

const OF_MODELS =
  'only sources have it; a version of a model gets its profile with "skerry monitor baseline NAME:VERSION"'
