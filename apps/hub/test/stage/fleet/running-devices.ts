/** Running devices: new devices whose reports say that they run a version. */
import type { VersionDetail } from '@skerry/contract/models/model'
import { fakeDigest } from '@skerry/testkit/simulation/desired-item'
import type { TestHub } from '../running-hub.ts'
import { addDevices, type FleetDevice } from './fleet-records.ts'

type RunningWish = { name: string; version: number; count: number; nowMs: number }

/** Adds devices that run version `version` of the model. */
export async function addRunningDevices(
  hub: TestHub,
  { name, version, count, nowMs }: RunningWish,
): Promise<FleetDevice[]> {
  const { store, ids } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const devices = await addDevices({ store, ids, organisationId, clock: { ms: nowMs }, devices: [] }, count, {})
  const { body } = await hub.ask<VersionDetail>('GET', `/v1/models/${name}/versions/${version}`)
  await store.transaction(async (tx) => {
    for (const { id } of devices) {
      const target = {
        deployment_id: ids.deployment(),
        target_revision: 1,
        target_version: 2,
        target_digest: fakeDigest(2),
      }
      const state = { retry_token: 0, state: 'active' as const, cause: null, opens_at_ms: null, since_ms: 1_000 }
      const serving = { serving_version: version, serving_digest: body.digest, p95_us: null, stats: null }
      await tx
        .insertInto('device_items')
        .values({
          device_id: id,
          organisation_id: organisationId,
          kind: 'model',
          name,
          ...target,
          ...state,
          ...serving,
        })
        .execute()
    }
  })
  return devices
}
