/** Procedures on devices that have joined, or wait to. */
import type { Device, DeviceStatus } from '@skerry/contract/device'
import type { OrganisationId } from '@skerry/contract/ids'
import { compileSelector, type SelectorFacts } from '@skerry/core/selector'
import { findDeploymentId } from '../deployments/deployment-reference.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { joinHandler } from '../joining/join-handler.ts'
import type { Db, Tx } from '../store/store.ts'
import { healthByDevice } from './device-health.ts'
import {
  type DeviceRow,
  deleteDevice,
  deviceDetailOf,
  deviceOf,
  factsOf,
  findDevice,
  listDevices,
  raiseRetryToken,
  resumeDevice,
  setLabels,
  setStatus,
} from './device-store.ts'

export const deviceHandlers = {
  list: os.device.list.handler(async ({ context: { hub, organisationId }, input: { limit, after, selector } }) => {
    const nowMs = hub.clock.nowMs()
    const query = { organisationId, limit: limit + 1, after, nowMs }
    const rows =
      selector === undefined
        ? await listDevices(hub.store.db, query)
        : await pickDevices(hub.store.db, query, matcherOf(selector))
    const health = await healthByDevice(hub.store.db, organisationId, rows, nowMs)
    return pageFrom(
      rows.map((row) => ({ ...deviceOf(row, nowMs), health: health.get(row.id) })),
      limit,
      (device) => device.name,
    )
  }),
  get: os.device.get.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    const [row, nowMs] = [await knownDevice(db, organisationId, input.device), hub.clock.nowMs()]
    const health = await healthByDevice(db, organisationId, [row], nowMs)
    return { ...(await deviceDetailOf(db, row, nowMs)), health: health.get(row.id) }
  }),
  relabel: os.device.relabel.handler(({ context, input: { device, labels, ifRevision } }) =>
    changeDevice(context, device, async (tx, row, detail) => {
      if (ifRevision !== undefined && ifRevision !== row.revision) throw problem('revision_stale')
      detail.labels = labels
      await setLabels(tx, row, labels)
    }),
  ),
  approve: os.device.approve.handler(({ context, input }) =>
    changeDevice(context, input.device, async (tx, row) => {
      requireStatus(row, ['pending'])
      await setStatus(tx, row.id, 'active')
    }),
  ),
  resume: os.device.resume.handler(({ context, input: { device, reason } }) =>
    changeDevice(context, device, async (tx, row, detail) => {
      detail.reason = reason
      requireStatus(row, ['conflict-paused'])
      await resumeDevice(tx, row)
    }),
  ),
  revoke: os.device.revoke.handler(({ context, input: { device, reason } }) =>
    changeDevice(context, device, async (tx, row, detail) => {
      detail.reason = reason
      requireStatus(row, ['pending', 'active', 'conflict-paused'])
      await setStatus(tx, row.id, 'revoked')
    }),
  ),
  retry: os.device.retry.handler(async ({ context, input }) => {
    const { hub, organisationId } = context
    const { id, retryToken } = await context.change(async (tx, note) => {
      const row = await knownDevice(tx, organisationId, input.device)
      const deploymentId = await findDeploymentId(tx, organisationId, input.deployment)
      if (!deploymentId) throw problem('deployment_unknown')
      const token = await raiseRetryToken(tx, row, deploymentId)
      note.object.id = row.id
      note.detail = { id: row.id, name: row.name, deployment: input.deployment, retryToken: token }
      return { id: row.id, retryToken: token }
    })
    hub.bus.publish('device.retried', id)
    return { retryToken }
  }),
  remove: os.device.remove.handler(async ({ context, input }) => {
    const id = await context.change(async (tx, note) => {
      const row = await knownDevice(tx, context.organisationId, input.device)
      note.object.id = row.id
      note.detail = { id: row.id, name: row.name, site: row.site }
      await deleteDevice(tx, row.id)
      return row.id
    })
    context.hub.bus.publish('device.changed', id)
    return {}
  }),
  join: joinHandler,
}

type Work = (tx: Tx, row: DeviceRow, detail: Record<string, unknown>) => Promise<void>

/** Changes a device, tells the bus, and shows it as it is then. */
async function changeDevice({ hub, organisationId, change }: KeyCall, reference: string, work: Work): Promise<Device> {
  const row = await change(async (tx, note) => {
    const before = await knownDevice(tx, organisationId, reference)
    // However it was called: what was done to a device is found under its id.
    note.object.id = before.id
    const detail: Record<string, unknown> = { id: before.id, name: before.name }
    await work(tx, before, detail)
    note.detail = detail
    return knownDevice(tx, organisationId, reference)
  })
  hub.bus.publish('device.changed', row.id)
  return deviceOf(row, hub.clock.nowMs())
}

function requireStatus({ status }: DeviceRow, allowed: readonly DeviceStatus[]): void {
  if (allowed.includes(status)) return
  throw problem('device_status_refused', `the device is ${status}; this needs one that is ${allowed.join(' or ')}`)
}

async function knownDevice(db: Db, organisationId: OrganisationId, reference: string): Promise<DeviceRow> {
  const row = await findDevice(db, organisationId, reference)
  if (!row) throw problem('device_unknown')
  return row
}

function matcherOf(selector: string): (facts: SelectorFacts) => boolean {
  const compiled = compileSelector(selector)
  return compiled.ok ? compiled.matches : throwProblem(compiled)
}

/** Rows that are looked at in one go; each costs some 20 us to judge. */
const SCAN_ROWS = 500

type Query = { organisationId: OrganisationId; limit: number; after: string | undefined; nowMs: number }

/** Walks the devices by name until so many match. */
async function pickDevices(
  db: Db,
  { organisationId, limit, after, nowMs }: Query,
  matches: (facts: SelectorFacts) => boolean,
) {
  const picked: DeviceRow[] = []
  let from = after
  while (true) {
    const rows = await listDevices(db, { organisationId, limit: SCAN_ROWS, after: from })
    for (const row of rows) {
      if (matches(factsOf(row, nowMs))) picked.push(row)
      if (picked.length === limit) return picked
    }
    if (rows.length < SCAN_ROWS) return picked
    from = rows.at(-1)?.name
  }
}
