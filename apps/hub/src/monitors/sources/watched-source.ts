/** Watched source: the tags of a source that its monitor watches, and the profile with which devices begin to count them. */
import type { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { FEATURES_MAX } from '@skerry/contract/monitors/profile'
import type { Source } from '@skerry/contract/sources/source'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { startedProfile } from '@skerry/core/monitors/grid/source-profile'
import type { Tx } from '../../store/store.ts'
import { profileIn } from '../monitor-store.ts'
import { newestSourceProfile, saveSourceProfile } from './source-profile-store.ts'

type Watching = {
  organisationId: OrganisationId
  source: string
  spec: Pick<MonitorSpec, 'tags' | 'actions'>
  nowMs: number
  by: string
}

/** The reason why the source cannot be watched; undefined if it is watched from now on. */
export async function watchSource(
  tx: Tx,
  { organisationId, source, spec, nowMs, by }: Watching,
): Promise<string | undefined> {
  const all = await tagsOf(tx, organisationId, source)
  if (all.length === 0) return `there is no source ${source}; "skerry source ls" lists sources`
  const stranger = spec.tags?.find((tag) => !all.includes(tag))
  if (stranger !== undefined) return `the source ${source} has no tag ${stranger}`
  const action = spec.actions.find(({ do: what }) => what !== 'hold' && what !== 'webhook')
  if (action)
    return `a source has no versions, so that its monitor cannot do "${action.do}"; it can do "hold" and "webhook"`
  const tags = spec.tags ? [...new Set(spec.tags)] : all.slice(0, FEATURES_MAX)
  const newest = await newestSourceProfile(tx, { organisationId, source })
  const before = newest && profileIn(newest)
  const profile = startedProfile({ source, tags, left: all.length - tags.length }, before)
  if (profile !== before) await saveSourceProfile(tx, { organisationId, source, profile, cohorts: [], nowMs, by })
  return undefined
}

/** Of all owners: sites may have different tags under one name. */
async function tagsOf(tx: Tx, organisationId: OrganisationId, source: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('connections')
    .select('spec')
    .where('organisation_id', '=', organisationId)
    .where('kind', '=', 'source')
    .where('name', '=', source)
    .orderBy('id')
    .execute()
  const specs = rows.map(({ spec }) => JSON.parse(spec) as Pick<Source, 'groups'>)
  return [...new Set(specs.flatMap(({ groups }) => groups.flatMap(({ tags }) => tags.map(({ name }) => name))))]
}
