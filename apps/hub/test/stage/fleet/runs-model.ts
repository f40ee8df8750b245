/** Runs model: devices that have reported a version of a model, without a deployment. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { digestOf } from '@skerry/platform/files/hash'
import type { Hub } from '../../../src/hub.ts'
import type { FleetDevice } from './fleet-records.ts'

type Running = { organisationId: OrganisationId; name: string; version: number }

/** Each of them serves the version from now on. */
export async function runModel(
  { store, ids }: Pick<Hub, 'store' | 'ids'>,
  devices: readonly Pick<FleetDevice, 'id'>[],
  { organisationId, name, version }: Running,
): Promise<void> {
  const digest = digestOf(`${name}/${version}`)
  await store.transaction(async (tx) => {
    for (const { id } of devices)
      await tx
        .insertInto('device_items')
        .values({
          device_id: id,
          organisation_id: organisationId,
          kind: 'model',
          name,
          deployment_id: ids.deployment(),
          target_revision: 1,
          target_version: version,
          target_digest: digest,
          retry_token: 0,
          state: 'active',
          cause: null,
          opens_at_ms: null,
          since_ms: 1_000,
          serving_version: version,
          serving_digest: digest,
          stats: null,
        })
        .execute()
  })
}
