/** Collects the reference profile of a version from the windows that its devices counted. */
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { profileFromWindows } from '@skerry/core/monitors/collected'
import { problem } from '../../http/problem.ts'
import type { Hub } from '../../hub.ts'
import type { VersionTable } from '../../store/tables/foundation-tables.ts'
import type { CohortCounts } from '../../store/tables/monitor-tables.ts'
import { countedIn, profileIn, profilesOf, sumsOf } from '../monitor-store.ts'
import { collectCohorts } from './cohort-references.ts'

const DAY_MS = 86_400_000

/** The first days of the windows that the hub still has. Throws the contract's problem if they hold too few rows. */
export async function collectProfile(
  { store: { db }, clock }: Pick<Hub, 'store' | 'clock'>,
  version: VersionTable,
  days: number,
): Promise<{ profile: ReferenceProfile; cohorts: CohortCounts[] }> {
  const { organisation_id: organisationId, name: model } = version
  const profile = (await profilesOf(db, organisationId, model)).find((one) => one.version === version.version)
  if (!profile) throw problem('profile_refused', NO_BINS)
  const of = { version: version.version, profile: profile.digest }
  const own = await sumsOf(db, { organisationId, model, fromMs: 0, toMs: clock.nowMs(), of })
  const firstMs = own[0]?.start_ms ?? 0
  const toMs = firstMs + days * DAY_MS
  const windows = own.filter((sum) => sum.start_ms < toMs).map(countedIn)
  const collected = profileFromWindows(profileIn(profile), windows)
  if (!collected.ok) throw problem('profile_refused', collected.message)
  const cohorts = await collectCohorts(db, { organisationId, model, profile, fromMs: firstMs, toMs })
  return { profile: collected.profile, cohorts }
}

const NO_BINS =
  'devices count into the bins of a first profile, and the version has none; make it with "skerry monitor baseline NAME", and collect later'
