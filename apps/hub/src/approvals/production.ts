/** Production: whether a call affects devices that the organisation marks as production. */
import type { ApprovalRules } from '@skerry/contract/approvals/approval'
import { ConnectionId, type DeviceId, type OrganisationId } from '@skerry/contract/values/ids'
import { connectionOf, findConnection } from '../connections/connection-store.ts'
import { findDeployment } from '../deployments/deployment-store.ts'
import { storedSelector } from '../deployments/selector-cache.ts'
import { type DeviceRow, factsOf, findDevice, findDevices, listDevices } from '../devices/device-store.ts'
import { expandSelector, findGroup } from '../groups/group-store.ts'
import type { Called } from '../http/called.ts'
import type { Tx } from '../store/store.ts'

export type Production = { tx: Tx; organisationId: OrganisationId; nowMs: number }

/** Devices that one query reads. Judging one takes some 20 us. */
const SCAN_ROWS = 500

/** Whether the named deployment, device, site, source or sink has, or is, a device of production now. */
export async function isProduction(it: Production, { deployments }: ApprovalRules, called: Called): Promise<boolean> {
  if (deployments === undefined) return false
  const { matches } = storedSelector(await expandSelector(it.tx, it.organisationId, deployments))
  for await (const rows of concerned(it, called)) {
    if (rows.some((row) => matches(factsOf(row, it.nowMs)))) return true
  }
  return false
}

function concerned(it: Production, { path, input }: Called): AsyncIterable<DeviceRow[]> {
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  const textOf = (key: string) => String(values.get(key) ?? '')
  if (path[0] === 'device' || values.has('device')) return oneDevice(it, textOf('device'))
  if (path[0] === 'group') return membersOf(it, textOf('group'))
  if (path[0] === 'site') return devicesOfSite(it, textOf('name'))
  if (path[0] === 'source' || path[0] === 'sink') return devicesOfConnection(it, textOf('scope'), textOf('connection'))
  return devicesOfDeployment(it, textOf('name') || textOf('deployment'))
}

/** The members before the change, or after it: the call asks both times. */
async function* membersOf(it: Production, name: string) {
  const group = await findGroup(it.tx, it.organisationId, name)
  if (!group) return
  const { matches } = storedSelector(group.spec.selector)
  for await (const rows of devicesOfSite(it, undefined)) yield rows.filter((row) => matches(factsOf(row, it.nowMs)))
}

async function* oneDevice({ tx, organisationId }: Production, reference: string) {
  const row = await findDevice(tx, organisationId, reference)
  if (row) yield [row]
}

/**
 * The devices in the scope of the connection, even if a more specific connection of the same name counts there. If the
 * call removes the connection, its present scope counts.
 */
async function* devicesOfConnection(it: Production, given: string, id: string) {
  const known = ConnectionId.safeParse(id).data
  const row = known && (await findConnection(it.tx, it.organisationId, known))
  if (id !== '' && !row) return
  const [kind, name = ''] = (row ? connectionOf(row).scope : given || 'organisation').split(':')
  if (kind === 'device') yield* oneDevice(it, name)
  else yield* devicesOfSite(it, kind === 'site' ? name : undefined)
}

async function* devicesOfSite({ tx, organisationId }: Production, site: string | undefined) {
  for (let after: string | undefined; ; ) {
    const rows = await listDevices(tx, { organisationId, limit: SCAN_ROWS, after, site })
    yield rows
    if (rows.length < SCAN_ROWS) return
    after = rows.at(-1)?.name
  }
}

async function* devicesOfDeployment({ tx, organisationId }: Production, name: string) {
  const deployment = await findDeployment(tx, organisationId, name)
  if (!deployment) return
  for (let after = '' as DeviceId; ; ) {
    const members = await tx
      .selectFrom('rollout_members')
      .select('device_id')
      .where('rollout_id', '=', deployment.rolloutId)
      .where('device_id', '>', after)
      .orderBy('device_id')
      .limit(SCAN_ROWS)
      .execute()
    const ids = members.map(({ device_id }) => device_id)
    yield await findDevices(tx, organisationId, ids)
    const last = ids.at(-1)
    if (ids.length < SCAN_ROWS || last === undefined) return
    after = last
  }
}
