/** Procedures on devices that have joined, or that are pending. */
import type { Device, DeviceStatus } from '@skerry/contract/devices/device'
import type { DeviceChange } from '@skerry/contract/devices/device-event'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { labelChange } from '@skerry/core/devices/device-events'
import { statusAfterRelease } from '@skerry/core/devices/quarantine'
import { findDeploymentId } from '../deployments/deployment-reference.ts'
import { queueDevices } from '../desired/desired-queue.ts'
import type { KeyCall } from '../http/call.ts'
import { type HandlersOf, os } from '../http/implementer.ts'
import { pageFrom, sequenceOf } from '../http/page.ts'
import { problem, unknownName } from '../http/problem.ts'
import { joinHandler } from '../joining/join-handler.ts'
import { rejoinHandler } from '../joining/rejoin-handler.ts'
import { waitingHandlers } from '../joining/waiting-handlers.ts'
import { lockDevices, pairsOf } from '../pairs/pair-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import { deviceClasses } from './device-classes.ts'
import { healthByDevice } from './device-health.ts'
import { presentHubs } from './device-link-store.ts'
import { deviceList } from './device-list.ts'
import {
  type DeviceRow,
  deleteDevice,
  deviceDetailOf,
  deviceOf,
  findDevice,
  resumeDevice,
  setLabels,
  setStatus,
} from './device-store.ts'
import { appendEvents, listEvents } from './event-store.ts'
import { hasFailed, raiseRetryToken } from './retry-store.ts'

export const deviceHandlers = {
  list: os.device.list.handler(({ context: { hub, organisationId, scope }, input }) =>
    deviceList(hub, { organisationId, scope, ...input }),
  ),
  classes: os.device.classes.handler(async ({ context: { hub, organisationId, scope } }) => ({
    rows: await deviceClasses(hub.store.db, { organisationId, scope }),
  })),
  get: os.device.get.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    const row = await knownDevice(db, organisationId, input.device)
    const nowMs = hub.clock.nowMs()
    const health = await healthByDevice(db, organisationId, [row], nowMs)
    const moment = { nowMs, hubs: await presentHubs(hub) }
    return { ...(await deviceDetailOf(db, row, moment)), health: health.get(row.id) }
  }),
  events: os.device.events.handler(
    async ({ context: { hub, organisationId }, input: { device, limit, after, kind } }) => {
      const { id } = await knownDevice(hub.store.db, organisationId, device)
      const query = { deviceId: id, limit: limit + 1, before: sequenceOf(after), kind }
      return pageFrom(await listEvents(hub.store.db, query), limit, (event) => String(event.sequence))
    },
  ),
  relabel: os.device.relabel.handler(({ context, input: { device, labels, ifRevision } }) =>
    changeDevice(context, device, async (tx, { row, detail, by }) => {
      if (ifRevision !== undefined && ifRevision !== row.revision) throw problem('revision_stale')
      detail.labels = labels
      await setLabels(tx, row, labels)
      return labelChange(fromJson(row.labels), labels, by)
    }),
  ),
  approve: os.device.approve.handler(({ context, input }) =>
    changeDevice(context, input.device, async (tx, { row, detail, by }) => {
      detail.keyFingerprint = row.public_key_hash
      requireStatus(row, ['pending'])
      const { keyFingerprint = row.public_key_hash } = input
      if (keyFingerprint !== row.public_key_hash) throw problem('key_fingerprint_wrong')
      await setStatus(tx, row.id, 'active')
      return [{ kind: 'approved', by }]
    }),
  ),
  deny: os.device.deny.handler(({ context, input: { device, reason } }) =>
    changeDevice(context, device, async (tx, { row, detail, by }) => {
      Object.assign(detail, { reason, keyFingerprint: row.public_key_hash })
      requireStatus(row, ['pending'])
      await setStatus(tx, row.id, 'revoked')
      return [{ kind: 'denied', by, reason }]
    }),
  ),
  resume: os.device.resume.handler(({ context, input: { device, reason } }) =>
    changeDevice(context, device, async (tx, { row, detail, by }) => {
      detail.reason = reason
      requireStatus(row, ['conflict-paused'])
      await resumeDevice(tx, row)
      return [{ kind: 'resumed', by, reason }]
    }),
  ),
}

type Standing =
  | 'quarantine'
  | 'release'
  | 'wipe'
  | 'revoke'
  | 'retry'
  | 'remove'
  | 'join'
  | 'rejoin'
  | keyof typeof waitingHandlers

/**
 * Procedures that remove, block or accept a device. They are a separate object, because the compiler cannot write down
 * the type of all together.
 */
export const deviceStandingHandlers: HandlersOf<'device', Standing> = {
  quarantine: os.device.quarantine.handler(({ context, input: { device, reason } }) =>
    changeDevice(context, device, async (tx, { row, detail, by }) => {
      detail.reason = reason
      requireStatus(row, ['active', 'conflict-paused'])
      await setStatus(tx, row.id, 'quarantined')
      return [{ kind: 'quarantined', by, reason }]
    }),
  ),
  release: os.device.release.handler(({ context, input: { device, reason } }) =>
    changeDevice(context, device, async (tx, { row, detail, by }) => {
      detail.reason = reason
      requireStatus(row, ['quarantined'])
      const conditions = row.conditions === null ? [] : fromJson(row.conditions)
      await setStatus(tx, row.id, statusAfterRelease(conditions.map(({ code }) => code)))
      return [{ kind: 'released', by, reason }]
    }),
  ),
  wipe: os.device.wipe.handler(({ context, input: { device, reason, confirm } }) =>
    changeDevice(context, device, async (tx, { row, detail, by }) => {
      detail.reason = reason
      if (confirm !== row.name) throw problem('wipe_unconfirmed')
      requireStatus(row, ['quarantined', 'revoked'])
      await setStatus(tx, row.id, 'wiping')
      return [{ kind: 'wipe-ordered', by, reason }]
    }),
  ),
  revoke: os.device.revoke.handler(({ context, input: { device, reason } }) =>
    changeDevice(context, device, async (tx, { row, detail, by }) => {
      detail.reason = reason
      requireStatus(row, ['pending', 'active', 'conflict-paused', 'quarantined', 'wiping'])
      await setStatus(tx, row.id, 'revoked')
      return [{ kind: 'revoked', by, reason }]
    }),
  ),
  retry: os.device.retry.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const { id, ...reply } = await context.change(async (tx, note) => {
      const row = await knownDevice(tx, organisationId, input.device)
      const deploymentId = await findDeploymentId(tx, organisationId, input.deployment)
      if (!deploymentId) throw unknownName('deployment_unknown', input.deployment)
      const token = await raiseRetryToken(tx, row, deploymentId)
      const asked = { kind: 'retry-asked', by: context.caller.name, deployment: input.deployment } as const
      await appendEvents(tx, { device: row, atMs: hub.clock.nowMs(), changes: [asked] })
      // The leader may not receive the event, so the device is queued too.
      await queueDevices(tx, organisationId, [row.id])
      note.object.id = row.id
      note.detail = { id: row.id, name: row.name, deployment: input.deployment, retryToken: token }
      const nothingFailed = !(await hasFailed(tx, row.id, deploymentId))
      return { id: row.id, retryToken: token, ...(nothingFailed && { nothingFailed }) }
    })
    hub.bus.publish('device.retried', id)
    return reply
  }),
  remove: os.device.remove.handler(async ({ context, input }) => {
    const id = await context.change(async (tx, note) => {
      const row = await knownDevice(tx, context.organisationId, input.device)
      note.object.id = row.id
      note.detail = { id: row.id, name: row.name, site: row.site }
      await requireUnpaired(tx, row)
      await deleteDevice(tx, row.id)
      return row.id
    })
    context.hub.bus.publish('device.changed', id)
    return {}
  }),
  join: joinHandler,
  rejoin: rejoinHandler,
  ...waitingHandlers,
}

/** The devices that stay would lose their third vote, and each would act on its own. */
async function requireUnpaired(tx: Tx, { id, name, organisation_id }: DeviceRow): Promise<void> {
  await lockDevices(tx, [id])
  const [pair] = await pairsOf(tx, organisation_id, [id])
  if (pair)
    throw problem('pair_refused', `${name} is part of the pair ${pair.name}; end it with "skerry pair rm" first`)
}

type Subject = { row: DeviceRow; detail: Record<string, unknown>; by: string }

/** Returns the changes for the device's history. */
type Work = (tx: Tx, subject: Subject) => Promise<DeviceChange[]>

/** Changes a device, writes its history, publishes the event, and returns the new state. */
async function changeDevice(call: KeyCall, reference: string, work: Work): Promise<Device> {
  const { hub, organisationId, change, caller } = call
  const row = await change(async (tx, note) => {
    const before = await knownDevice(tx, organisationId, reference)
    // Records the id even if the caller used the name, so that all actions on a device are found under its id.
    note.object.id = before.id
    const detail: Record<string, unknown> = { id: before.id, name: before.name }
    const changes = await work(tx, { row: before, detail, by: caller.name })
    await appendEvents(tx, { device: before, atMs: hub.clock.nowMs(), changes })
    note.detail = detail
    return knownDevice(tx, organisationId, reference)
  })
  hub.bus.publish('device.changed', row.id)
  // The other devices of its pair take no ballot of a device that a person distrusts.
  const inPairs = await pairsOf(hub.store.db, organisationId, [row.id])
  if (inPairs.length > 0) hub.bus.publish('pairs.changed', organisationId)
  return deviceOf(row, { nowMs: hub.clock.nowMs(), hubs: await presentHubs(hub) })
}

function requireStatus({ status }: DeviceRow, allowed: readonly DeviceStatus[]): void {
  if (allowed.includes(status)) return
  throw problem('device_status_refused', `the device is ${status}; for this it must be ${allowed.join(' or ')}`)
}

/** The device with this name or id; throws if the organisation has none. */
export async function knownDevice(db: Db, organisationId: OrganisationId, reference: string): Promise<DeviceRow> {
  const row = await findDevice(db, organisationId, reference)
  if (!row) throw unknownName('device_unknown', reference)
  return row
}
