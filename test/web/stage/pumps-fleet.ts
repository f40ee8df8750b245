/** Web pumps fleet: a hub with two versions of a model, and devices that report as a test says. */
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { ItemReport } from '@skerry/contract/devices/item'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import { stateThat, until } from '@skerry/testkit/until'
import { expect } from 'vitest'
import { newestDocument } from '../../../apps/hub/src/link/issued-store.ts'
import { storeReport } from '../../../apps/hub/src/link/reports/report-store.ts'
import { addDevices, type FleetDevice, INTERVAL_MS } from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import { reportOf } from '../../../apps/hub/test/stage/test-device.ts'
import { modelBytes, push, unary } from '../../../apps/hub/test/stage/test-model.ts'
import { ownersCli } from './deploy-fleet.ts'

const MISMATCH = { code: 'golden_mismatch', message: 'output y differs by 0.7 at 0, 0.001 allowed' }

/** A hub with two versions of a model, and two devices that report as the test says. */
export async function openPumps() {
  const hub = await startTestHub()
  await push(hub, 'pump', modelBytes(unary('Relu')))
  await push(hub, 'pump', modelBytes(unary('Abs')))
  const { store, ids, bus } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const devices: FleetDevice[] = []
  const add = async (count: number) => {
    const added = await addDevices({ store, ids, organisationId, clock: { ms: Date.now() }, devices }, count, {})
    devices.push(...added)
    for (const { id } of added) bus.publish('device.changed', id)
    return added
  }
  await add(2)
  const rollout = async () => {
    const { body } = await hub.ask<{ rolloutId: string }>('GET', '/v1/deployments/pumps')
    return (await hub.ask<Rollout>('GET', `/v1/rollouts/${body.rolloutId}`)).body
  }
  return {
    hub,
    devices,
    add,
    rolloutThat: (isMeant: (rollout: Rollout) => boolean) => stateThat(rollout, isMeant),
    async deploy(version: string, strategy = {}) {
      const body = { deployable: 'pump', version, strategy, probation: { seconds: 0 } }
      const applied = await hub.ask('PUT', '/v1/deployments/pumps', { body })
      if (applied.status !== 200) throw new Error(applied.text)
      await stateThat(rollout, ({ waves }) => (waves[0]?.counts.offered ?? 0) > 0)
    },
    /** No device reports any more. */
    silence: () => store.transaction((tx) => tx.updateTable('device_reports').set({ stale_at_ms: 1 }).execute()),
    /** The devices read the documents that the hub has for them by now, and report. */
    report: (reporting: readonly FleetDevice[], state: 'active' | 'failed') => reportAll(hub, reporting, state),
    async cli(words: readonly string[]) {
      const { code, out, err } = await ownersCli(hub, words)
      expect({ code, err }).toMatchObject({ code: 0 })
      return out
    },
  }
}

async function reportAll({ hub }: TestHub, devices: readonly FleetDevice[], state: 'active' | 'failed') {
  await until(async () => (await hub.store.db.selectFrom('desired_queue').select('device_id').execute()).length === 0, {
    what: 'all documents to be derived',
  })
  await hub.store.transaction(async (tx) => {
    for (const device of devices) {
      const document = await newestDocument(tx, device.id)
      const items = (document?.items ?? []).map((item) => itemOf(device, item, state))
      const observed = document && { observedGeneration: document.generation, observedDigest: document.digest }
      const report = reportOf({ atMs: Date.now(), items, ...observed })
      await storeReport(tx, { deviceId: device.id, report, receivedAtMs: Date.now(), intervalMs: INTERVAL_MS })
    }
  })
  for (const { id } of devices) hub.bus.publish('items.changed', id)
}

function itemOf(device: FleetDevice, item: DesiredItem, state: 'active' | 'failed'): ItemReport {
  const { kind, name, revision, version, digest, deploymentId, retryToken } = item
  if (state === 'active') device.serving.set(name, { version, digest })
  const serving = device.serving.get(name)
  const target = { revision, version, digest, retryToken }
  const base = { kind, name, deploymentId, target, state, sinceMs: Date.now() }
  return { ...base, ...(serving && { serving }), ...(state === 'failed' && { cause: MISMATCH }) }
}
