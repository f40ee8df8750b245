/** Handlers of the procedures on reference profiles. */
import type { ProfileSummary } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import type { KeyCall } from '../../http/call.ts'
import { os } from '../../http/implementer.ts'
import { problem } from '../../http/problem.ts'
import { bomOf } from '../../models/kinds/kinds.ts'
import { knownVersion } from '../../models/known-version.ts'
import { versionDetailOf } from '../../models/version-view.ts'
import { toJson } from '../../store/json-column.ts'
import type { VersionTable } from '../../store/tables/foundation-tables.ts'
import type { CohortCounts } from '../../store/tables/monitor-tables.ts'
import { profileIn, profilesOf, saveProfile, summaryOf } from '../monitor-store.ts'
import { saveCohortProfiles } from './cohort-references.ts'
import { collectProfile } from './collect-profile.ts'
import { makeProfile } from './make-profile.ts'

export const profileHandlers = {
  make: os.profile.make.handler(async ({ context, input: { name, version, data } }) => {
    const { hub, organisationId } = context
    const row = await knownVersion(hub.store.db, { organisationId, name }, version)
    if (!bomOf(await versionDetailOf(hub.store.db, row), row, hub.config.version)) throw problem('version_not_model')
    return keepProfile(context, row, { profile: await makeProfile(hub, row, data, hub.signal), cohorts: [] })
  }),
  collect: os.profile.collect.handler(async ({ context, input: { name, version, days } }) => {
    const { hub, organisationId } = context
    const row = await knownVersion(hub.store.db, { organisationId, name }, version)
    return keepProfile(context, row, await collectProfile(hub, row, days))
  }),
  get: os.profile.get.handler(async ({ context, input: { name, version } }) => {
    const row = await knownVersion(context.hub.store.db, { organisationId: context.organisationId, name }, version)
    const profiles = await profilesOf(context.hub.store.db, context.organisationId, row.name)
    const found = profiles.find((one) => one.version === row.version)
    if (!found) throw problem('profile_unknown')
    return profileIn(found)
  }),
}

type Made = { profile: ReferenceProfile; cohorts: readonly CohortCounts[] }

async function keepProfile(call: KeyCall, row: VersionTable, { profile, cohorts }: Made): Promise<ProfileSummary> {
  const { hub, organisationId, caller } = call
  const digest = digestOf(canonicalJson(profile))
  const made = {
    version_id: row.id,
    organisation_id: organisationId,
    digest,
    profile: toJson(profile),
    made_at_ms: hub.clock.nowMs(),
    made_by: caller.name,
  }
  await call.change(async (tx, note) => {
    note.object.id = `${row.name}:${row.version}`
    note.detail = { digest, origin: profile.origin, rows: profile.rows }
    await saveProfile(tx, made)
    await saveCohortProfiles(tx, { version_id: row.id, organisation_id: organisationId, profile: digest, cohorts })
  })
  hub.bus.publish('monitors.changed', organisationId)
  const summary = summaryOf({ ...made, name: row.name, version: row.version })
  return cohorts.length > 0 ? { ...summary, cohorts: cohorts.length } : summary
}
