/** Remembered store: the failures that devices remember, out of the rows of the rollouts in which they failed. */
import { sql } from 'kysely'
import type { DeviceItemTable } from '../store/tables/foundation-tables.ts'

/**
 * The cause of the newest failure that the device remembers: of a version in one of the last revisions that it neither
 * serves now, nor served well in a later one. The row of the rollout keeps the report on its revision. The item forgets
 * it when the hub offers another version.
 */
export const rememberedCause = (revisions: number) => sql<DeviceItemTable['cause']>`(
  select member.cause
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
