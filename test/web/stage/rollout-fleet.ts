/**
 * Web rollout fleet: ten thousand simulated devices and one with a real link in one rollout, for tests in a browser.
 */
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import type { ItemReport, ItemState } from '@skerry/contract/devices/item'
import type { Rollout } from '@skerry/contract/rollouts/rollout'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { digestOf } from '@skerry/platform/files/hash'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { stateThat, until } from '@skerry/testkit/until'
import { storeReport } from '../../../apps/hub/src/link/reports/report-store.ts'
import {
  addDevices,
  addVersion,
  type FleetDevice,
  INTERVAL_MS,
} from '../../../apps/hub/test/stage/fleet/fleet-records.ts'
import { startTestHub, type TestHub } from '../../../apps/hub/test/stage/running-hub.ts'
import {
  INVENTORY,
  joinDevice,
  openLink,
  type TestDevice,
  type TestLink,
} from '../../../apps/hub/test/stage/test-device.ts'

/** With the real one, ten thousand. */
const SIMULATED = 9_999

/** Ten thousand devices take a busy machine longer than one. */
const LONG = { patienceMs: 2 * PATIENCE_MS }
const offering = (whom: string) => ({ ...LONG, what: `${whom} to be offered the version` })
const SITES = ['oslo', 'bergen', 'stavanger', 'narvik']
/** The number of reports in one transaction, as in a flush. */
const REPORTS_PER_TRANSACTION = 500

export type RolloutFleet = AsyncDisposable & {
  hub: TestHub
  rollout: Rollout['id']
  /** The one that is really there. */
  real: TestDevice
  link: TestLink
  /** Reports a state of the rollout's model; resolves when the hub has stored it. */
  say(state: ItemState, cause?: ItemReport['cause']): Promise<void>
  get(): Promise<Rollout>
}

/** A canary of 100 is through; of the other 9,900 most are well, some failed, and the rest is on its way. */
export async function openRolloutFleet(): Promise<RolloutFleet> {
  const hub = await startTestHub()
  const { store, ids } = hub.hub
  const { id: organisationId } = await store.db.selectFrom('organisations').select('id').executeTakeFirstOrThrow()
  const devices: FleetDevice[] = []
  const place = { store, ids, organisationId, clock: { ms: Date.now() }, devices }
  for (const [index, site] of SITES.entries()) {
    const count = Math.floor((SIMULATED + index) / SITES.length)
    devices.push(...(await addDevices(place, count, { site })))
  }
  await addVersion(place, { model: 'ocr', version: 1, opset: 17, privateKeyPem: hub.hub.signing.privateKeyPem })
  const real = await joinDevice(hub, { site: 'oslo', name: 'real-press' })
  await hub.ask('PUT', `/v1/devices/${real.id}/labels`, { body: { labels: { ring: 'last' } } })
  const link = await openLink(hub, real)
  await link.client.report(reportOf({ items: [] }))
  const strategy = {
    waves: [
      { name: 'canary', limit: 100, selector: 'device.labels.ring != "last"' },
      { name: 'rest', failuresMax: '5%', minExecuted: 1_000, soakSeconds: 600 },
    ],
  }
  const applied = await hub.ask<Applied>('PUT', '/v1/deployments/reading', { body: { deployable: 'ocr', strategy } })
  if (applied.status !== 200) throw new Error(applied.text)
  const { rolloutId: rollout, id: deploymentId } = applied.body.deployment
  const get = async () => (await hub.ask<Rollout>('GET', `/v1/rollouts/${rollout}`)).body
  const crowd = crowdOf(hub, { organisationId, deploymentId, rollout })
  await until(async () => (await crowd.offered()).length === 100, offering('the canaries'))
  await crowd.report(await crowd.offered(), () => 'active')
  await stateThat(get, ({ wave }) => wave === 1, LONG)
  await until(async () => (await crowd.offered()).length === SIMULATED + 1 - 100, offering('the rest'))
  const rest = (await crowd.offered()).filter((id) => id !== real.id)
  await crowd.report(rest.slice(0, 6_000), (index) => (index % 60 === 7 ? 'failed' : 'active'))
  await crowd.report(rest.slice(6_000, 7_500), (index) => (index % 2 === 0 ? 'fetching' : 'probation'))
  await stateThat(get, (now) => decidedOf(now) === 6_000, LONG)
  return {
    hub,
    rollout,
    real,
    link,
    get,
    async say(state, cause) {
      const item = itemOf(deploymentId, state, cause)
      await link.client.report(reportOf({ items: [item], observedGeneration: await crowd.generationOf(real.id) }))
    },
    async [Symbol.asyncDispose]() {
      link[Symbol.dispose]()
      await hub[Symbol.asyncDispose]()
    },
  }
}

type Applied = { deployment: { id: ItemReport['deploymentId']; rolloutId: Rollout['id'] } }

const decidedOf = ({ waves }: Rollout) => (waves[1]?.counts.healthy ?? 0) + (waves[1]?.counts.failed ?? 0)

type Crowd = {
  organisationId: OrganisationId
  deploymentId: ItemReport['deploymentId']
  rollout: Rollout['id']
}

function crowdOf({ hub }: TestHub, { deploymentId, rollout }: Crowd) {
  const generationOf = async (id: DeviceId) =>
    (await hub.store.db.selectFrom('devices').select('generation').where('id', '=', id).executeTakeFirstOrThrow())
      .generation
  return {
    generationOf,
    /** The devices that have been offered the version, and whose documents contain it. */
    async offered(): Promise<DeviceId[]> {
      const rows = await hub.store.db
        .selectFrom('rollout_members')
        .select('device_id')
        .where('rollout_id', '=', rollout)
        .where('outcome', '=', 'offered')
        .where('offered_generation', 'is not', null)
        .orderBy('device_id')
        .execute()
      return rows.map(({ device_id }) => device_id)
    },
    async report(ids: readonly DeviceId[], stateOf: (index: number) => ItemState) {
      for (let start = 0; start < ids.length; start += REPORTS_PER_TRANSACTION) {
        const some = ids.slice(start, start + REPORTS_PER_TRANSACTION)
        await hub.store.transaction(async (tx) => {
          for (const [index, deviceId] of some.entries()) {
            const state = stateOf(start + index)
            const items = [itemOf(deploymentId, state, state === 'failed' ? MISMATCH : undefined)]
            const report = reportOf({ items, observedGeneration: await generationOf(deviceId) })
            await storeReport(tx, { deviceId, report, receivedAtMs: Date.now(), intervalMs: INTERVAL_MS })
          }
        })
        for (const id of some) hub.bus.publish('items.changed', id)
      }
    },
  }
}

const MISMATCH = { code: 'golden_mismatch', message: 'output y differs by 0.7 at 0, 0.001 allowed' }

function itemOf(deploymentId: ItemReport['deploymentId'], state: ItemState, cause?: ItemReport['cause']): ItemReport {
  const digest = digestOf('ocr/1')
  const target = { revision: 1, version: 1, digest, retryToken: 0 }
  const base = {
    kind: 'model' as const,
    name: 'ocr',
    deploymentId,
    target,
    state,
    sinceMs: Date.now(),
    ...(cause && { cause }),
  }
  return state === 'active' ? { ...base, serving: { version: 1, digest } } : base
}

const reportOf = (change: Partial<DeviceReport>): DeviceReport => ({
  v: 1,
  atMs: Date.now(),
  agentVersion: '0.1.0',
  bootId: 'boot-0001',
  observedGeneration: 0,
  lastGoodGeneration: 0,
  items: [],
  conditions: [],
  endpoints: {},
  inventory: INVENTORY,
  ...change,
})
