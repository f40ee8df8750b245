/**
 * A fleet for tests of the rollout engine: the real store in a temporary folder, a fixed clock, and devices whose
 * reports the test defines.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { DeviceReport } from '@skerry/contract/devices/device-report'
import type { ItemReport, ServingStats } from '@skerry/contract/devices/item'
import type { Outcome, Rollout } from '@skerry/contract/rollouts/rollout'
import type { DeviceId } from '@skerry/contract/values/ids'
import type { RolloutEvent } from '@skerry/core/rollouts/rollout'
import { createBus } from '../../src/bus.ts'
import { applyDeployment } from '../../src/deployments/apply-deployment.ts'
import { findDeployment } from '../../src/deployments/deployment-store.ts'
import { storeLinks } from '../../src/devices/device-link-store.ts'
import { findDevice } from '../../src/devices/device-store.ts'
import { createIdentifiers } from '../../src/identity/identifiers.ts'
import { newestDocument } from '../../src/link/issued-store.ts'
import { queueReclassed } from '../../src/link/reclassed-devices.ts'
import { type StoredReport, storeReport } from '../../src/link/reports/report-store.ts'
import { createRolloutEngine, type RolloutEngine } from '../../src/rollouts/engine/engine.ts'
import type { EngineHub } from '../../src/rollouts/engine/engine-work.ts'
import { publishRollouts } from '../../src/rollouts/publish-rollouts.ts'
import { sendEvents } from '../../src/rollouts/rollout-step.ts'
import { findRollout, findRolloutView } from '../../src/rollouts/rollout-store.ts'
import { toJson } from '../../src/store/json-column.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { Answer, Question } from '../../src/webhooks/webhooks.ts'
import { counting, lossyBus } from './fleet/fleet-doors.ts'
import { addDevices, addVersion, type DeviceOptions, type FleetDevice, INTERVAL_MS } from './fleet/fleet-records.ts'
import { INVENTORY } from './test-device.ts'

/**
 * The device's result for a version: `silent` accepts the document and reports nothing about the item. A hold is the
 * thing that it waits for.
 */
export type Verdict = 'active' | 'failed' | 'rejected' | 'loading' | 'silent' | Pick<ItemReport, 'cause' | 'opensAtMs'>

export type SimulatedFleet = Awaited<ReturnType<typeof openFleet>>

export async function openFleet({ databaseUrl }: { databaseUrl?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-fleet-'))
  const clock = { ms: 1_800_000_000_000 }
  const opened = await openStore({
    databaseUrl: databaseUrl ?? (await projectUrlFor(folder)),
    path: join(folder, 'hub.sqlite'),
    nowMs: clock.ms,
    log: { info() {}, warn() {} },
  })
  if (!opened.ok) throw new Error(opened.message)
  const ids = createIdentifiers(randomBytes)
  const organisationId = ids.organisation()
  const counts = { queries: 0, rows: 0 }
  const store = counting(opened.store, counts)
  const errors: unknown[] = []
  const log = {
    debug() {},
    info() {},
    warn() {},
    error: (_event: string, fields?: object) => void errors.push(fields),
    child: () => log,
  }
  const bus = lossyBus(createBus(log))
  /** While set, the engine's transactions fail, as on a full disk; other transactions continue. */
  const failing = { isOn: false }
  /** The requests to webhooks, and their answers. */
  const asked: Question[] = []
  const answers: { next: (question: Question) => Answer | Promise<Answer> } = {
    next: () => ({ error: 'nobody answers' }),
  }
  const hub: EngineHub = {
    webhooks: {
      addressOf: () => Promise.reject(new Error('nothing is connected to')),
      wayTo: () => Promise.reject(new Error('nothing is connected to')),
      fetch: () => Promise.reject(new Error('nothing is connected to')),
      tell: () => Promise.resolve({ error: 'nobody answers' }),
      send: () => Promise.resolve({ error: 'nobody answers' }),
      ask: async (question) => {
        asked.push(question)
        return answers.next(question)
      },
    },
    store: {
      ...store,
      transaction: (work) => (failing.isOn ? Promise.reject(new Error('the disk is full')) : store.transaction(work)),
    },
    bus,
    log,
    clock: {
      nowMs: () => clock.ms,
      monotonicMs: () => clock.ms,
      sleep: () => Promise.reject(new Error('nobody sleeps here')),
    },
  }
  await store.transaction(async (tx) => {
    await tx
      .insertInto('organisations')
      .values({ id: organisationId, name: 'default', created_at_ms: clock.ms })
      .execute()
  })
  let engine: RolloutEngine = createRolloutEngine(hub)
  const devices: FleetDevice[] = []

  const fleet = {
    hub,
    bus,
    store,
    ids,
    clock,
    counts,
    errors,
    failing,
    asked,
    answers,
    devices,
    organisationId,
    run: () => engine.run(),
    /** Time passes, and the engine runs its tick. */
    async pass(ms: number) {
      clock.ms += ms
      await engine.run()
    },
    /** The engine ends: everything in memory is lost, and nothing happens until the next start. */
    async stop() {
      await engine[Symbol.asyncDispose]()
      engine = { run: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() }
    },
    restart() {
      engine = createRolloutEngine(hub)
    },
    async addDevices(count: number, options: DeviceOptions = {}) {
      const added = await addDevices(fleet, count, options)
      devices.push(...added)
      return added
    },
    addVersion: (model: string, version: number, opset = 17, privateKeyPem?: string) =>
      addVersion(fleet, { model, version, opset, ...(privateKeyPem !== undefined && { privateKeyPem }) }),
    /** Applies a deployment; returns its rollout's id. */
    async apply(spec: object) {
      const parsed = DeploymentSpec.parse({ name: 'sensor', deployable: 'sensor', ...spec })
      const applied = await store.transaction((tx) =>
        applyDeployment(tx, { ids }, { organisationId, nowMs: clock.ms, spec: parsed, ifRevision: undefined }),
      )
      publishRollouts(hub, applied.rolloutIds)
      await engine.run()
      return applied
    },
    /** The rollout in force of a deployment. */
    async rollout(name = 'sensor'): Promise<Rollout> {
      const deployment = await findDeployment(store.db, organisationId, name)
      const rollout =
        deployment && (await findRolloutView(store.db, { organisationId, rolloutId: deployment.rolloutId }))
      if (!rollout) throw new Error(`no rollout of ${name}`)
      return rollout
    },
    /** A call by a person. */
    async steer(kind: Extract<RolloutEvent, { reason: string }>['kind'], name = 'sensor') {
      const { id } = await fleet.rollout(name)
      const sent = await store.transaction(async (tx) => {
        const rollout = await findRollout(tx, { organisationId, rolloutId: id })
        return rollout && sendEvents(tx, rollout, [{ kind, reason: 'seen' }], clock.ms)
      })
      publishRollouts(hub, [id])
      await engine.run()
      return sent
    },
    /** The items of a device's newest document. */
    async items(device: FleetDevice): Promise<DesiredItem[]> {
      return (await newestDocument(store.db, device.id))?.items ?? []
    },
    /** The connection of a device ends: in order, or without notice. */
    async leave(device: FleetDevice, ended: 'goodbye' | 'closed' = 'goodbye') {
      const times = { connected_at_ms: clock.ms, ended_at_ms: clock.ms }
      await store.transaction((tx) => storeLinks(tx, [{ device_id: device.id, hub_id: 'hub', ...times, ended }]))
    },
    /** A device as the hub sees it. */
    async row(device: FleetDevice) {
      const row = await findDevice(store.db, organisationId, device.id)
      if (!row) throw new Error(`no device ${device.name}`)
      return row
    },
    /** Changes the reported inventory of a device. */
    async setInventory({ id }: FleetDevice, inventory: Partial<DeviceReport['inventory']>) {
      const columns = { inventory: toJson({ ...INVENTORY, ...inventory }) }
      await store.transaction(async (tx) => {
        await tx.updateTable('device_reports').set(columns).where('device_id', '=', id).execute()
      })
    },
    /** The versions that a device should run now, by model. */
    async wanted(device: FleetDevice): Promise<Record<string, number>> {
      const document = await newestDocument(store.db, device.id)
      return Object.fromEntries((document?.items ?? []).map(({ name: model, version }) => [model, version]))
    },
    /** These devices read their documents, and report their result for each version. */
    async report(
      reporting: readonly FleetDevice[],
      judge: (item: DesiredItem, device: FleetDevice) => Verdict,
      statsOf?: (device: FleetDevice) => ServingStats,
    ) {
      const results: { deviceId: DeviceId; stored: StoredReport }[] = []
      await store.transaction(async (tx) => {
        for (const device of reporting) {
          const document = await newestDocument(tx, device.id)
          const items = (document?.items ?? []).flatMap((item) =>
            itemReport(device, item, judge(item, device)).map((one) => ({
              ...one,
              ...(statsOf && { stats: statsOf(device) }),
            })),
          )
          const report: DeviceReport = {
            v: 1,
            atMs: clock.ms,
            agentVersion: '0.1.0',
            bootId: 'boot-0001',
            observedGeneration: document?.generation ?? 0,
            ...(document ? { observedDigest: document.digest } : {}),
            lastGoodGeneration: 0,
            items,
            conditions: [],
            endpoints: {},
            inventory: { ...INVENTORY, ...device.machine },
          }
          const stored = await storeReport(tx, {
            deviceId: device.id,
            report,
            receivedAtMs: clock.ms,
            intervalMs: INTERVAL_MS,
          })
          results.push({ deviceId: device.id, stored })
        }
        await queueReclassed(tx, storedWith(results, 'isReclassed'))
      })
      for (const id of storedWith(results, 'isReclassed')) bus.publish('device.changed', id)
      for (const id of storedWith(results, 'hasNewItems')) bus.publish('items.changed', id)
      await engine.run()
    },
    /** The devices that should run a deployment's newest revision. */
    async offered(name = 'sensor'): Promise<FleetDevice[]> {
      const { id } = await fleet.rollout(name)
      const rows = await store.db.selectFrom('rollout_members').selectAll().where('rollout_id', '=', id).execute()
      const asked = new Set(rows.filter(({ outcome }) => outcome === 'offered').map((row) => row.device_id))
      return devices.filter((device) => asked.has(device.id))
    },
    /** The outcomes of the rollout in force, by device. */
    async outcomes(name = 'sensor'): Promise<(Outcome | undefined)[]> {
      const { id } = await fleet.rollout(name)
      const rows = await store.db.selectFrom('rollout_members').selectAll().where('rollout_id', '=', id).execute()
      return devices.map((device) => rows.find((row) => row.device_id === device.id)?.outcome)
    },
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
      if (errors.length > 0)
        throw new AggregateError(
          errors.map((one) => (one as { error: unknown }).error),
          'the engine failed',
        )
    },
  }
  return fleet
}

/** The devices whose reports brought this change. */
const storedWith = (
  results: readonly { deviceId: DeviceId; stored: StoredReport }[],
  change: 'isReclassed' | 'hasNewItems',
): DeviceId[] =>
  results.flatMap(({ deviceId, stored }) => (stored.kind === 'stored' && stored[change] ? [deviceId] : []))

/** Loaded in tests only, because a benchmark that imports `vitest` would end. */
async function projectUrlFor(folder: string): Promise<string | undefined> {
  if (process.env.VITEST === undefined) return undefined
  return (await import('./test-database.ts')).databaseUrlFor(folder)
}

function itemReport(device: FleetDevice, item: DesiredItem, verdict: Verdict): ItemReport[] {
  const { kind, name, revision, version, digest, deploymentId, retryToken } = item
  if (verdict === 'silent') return []
  if (verdict === 'active') device.serving.set(name, { version, digest })
  const serving = device.serving.get(name)
  return [
    {
      kind,
      name,
      deploymentId,
      target: { revision, version, digest, retryToken },
      ...(typeof verdict === 'object' ? { state: 'loading', ...verdict } : { state: stateOf(verdict) }),
      ...(verdict === 'rejected' && { cause: { code: 'memory_insufficient', message: 'needs 900 MB' } }),
      ...(verdict === 'failed' && { cause: { code: 'golden_mismatch', message: 'case 1 is off by 3' } }),
      sinceMs: 0,
      ...(serving ? { serving } : {}),
    },
  ]
}

const stateOf = (verdict: Exclude<Verdict, object | 'silent'>) => (verdict === 'rejected' ? 'failed' : verdict)
