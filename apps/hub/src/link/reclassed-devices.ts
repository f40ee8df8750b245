/** Reclassed devices: devices whose class of hardware has changed. A deployment may give them another build by it. */
import type { DeviceId } from '@skerry/contract/values/ids'
import { queueDevices } from '../desired/desired-queue.ts'
import { padded } from '../store/many-rows.ts'
import type { Tx } from '../store/store.ts'

/** Queues the devices among these that are in a deployment with choices, so that their documents are derived again. */
export async function queueReclassed(tx: Tx, ids: readonly DeviceId[]): Promise<void> {
  if (ids.length === 0) return
  const rows = await tx
    .selectFrom('rollout_members as member')
    .innerJoin('deployments', 'deployments.rollout_id', 'member.rollout_id')
    .innerJoin('deployment_revisions as revision', 'revision.deployment_id', 'deployments.id')
    .select(['member.device_id', 'member.organisation_id'])
    .distinct()
    .where('member.device_id', 'in', padded(ids))
    .where('revision.build_choices', 'is not', null)
    .execute()
  for (const [organisationId, group] of Map.groupBy(rows, (row) => row.organisation_id)) {
    const queued = group.map(({ device_id }) => device_id)
    await queueDevices(tx, organisationId, queued)
  }
}
