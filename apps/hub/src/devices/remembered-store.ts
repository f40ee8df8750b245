/** Remembered store: the failures that devices remember, out of the rows of the rollouts in which they failed. */
import type { DeviceDetail } from '@skerry/contract/devices/device'
import type { DeviceId } from '@skerry/contract/values/ids'
import { FAILURES_MAX } from '@skerry/core/device/remembered-failure'
import { sql } from 'kysely'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { DeviceItemTable } from '../store/tables/foundation-tables.ts'

/**
 * The cause of the newest failure that the device remembers: of a version in one of the last revisions that it neither
 * serves now, nor served well in a later one. The row of the rollout keeps the report on its revision. The item forgets
 * it when the hub offers another version.
 */
export const rememberedCause = (revisions: number) =>
  rememberedColumn<DeviceItemTable['cause']>('member.cause', revisions)

const rememberedColumn = <Value>(column: 'member.cause' | 'tried.version', revisions: number) => sql<Value>`(
  select ${sql.ref(column)}
  from rollouts
  join rollout_members as member on member.rollout_id = rollouts.id and member.device_id = device_items.device_id
  join deployment_revisions as tried
    on tried.deployment_id = rollouts.deployment_id and tried.revision = rollouts.revision
  where rollouts.deployment_id = device_items.deployment_id and rollouts.revision > deployments.revision - ${revisions}
    and member.state = 'failed' and tried.version is distinct from device_items.serving_version
    and not exists (
      select 1
      from deployment_revisions as again
      join rollouts as later on later.deployment_id = again.deployment_id and later.revision = again.revision
      join rollout_members as passed on passed.rollout_id = later.id and passed.device_id = member.device_id
      where again.deployment_id = tried.deployment_id and again.version = tried.version
        and again.revision > tried.revision and passed.outcome = 'healthy')
  order by rollouts.revision desc
  limit 1)`

/** The failures that the device remembers of versions that it has left. The items show the failures of their targets. */
export async function rememberedOn(db: Db, deviceId: DeviceId): Promise<Pick<DeviceDetail, 'remembered'>> {
  const rows = await db
    .selectFrom('device_items')
    .innerJoin('deployments', 'deployments.id', 'device_items.deployment_id')
    .select([
      'device_items.name',
      'device_items.state',
      'device_items.target_version',
      'deployments.name as deployment',
    ])
    .select(rememberedCause(FAILURES_MAX).as('cause'))
    .select(rememberedColumn<number | null>('tried.version', FAILURES_MAX).as('version'))
    .where('device_items.device_id', '=', deviceId)
    .orderBy('device_items.name')
    .execute()
  const remembered = rows.flatMap(({ name, state, target_version, deployment, cause, version }) => {
    const isShown = state === 'failed' && target_version === version
    if (cause === null || version === null || isShown) return []
    return [{ name, version, deployment, cause: fromJson(cause) }]
  })
  return remembered.length === 0 ? {} : { remembered }
}
