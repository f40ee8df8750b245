/** Production: whether a call is about devices that the organisation calls production. */
import type { ApprovalRules } from '@skerry/contract/approvals/approval'
import { ConnectionId, type DeviceId, type OrganisationId } from '@skerry/contract/values/ids'
import { connectionOf, findConnection } from '../connections/connection-store.ts'
import { findDeployment } from '../deployments/deployment-store.ts'
import { storedSelector } from '../deployments/selector-cache.ts'
import { type DeviceRow, factsOf, findDevice, findDevices, listDevices } from '../devices/device-store.ts'
import type { Called } from '../http/called.ts'
import type { Tx } from '../store/store.ts'

export type Production = { tx: Tx; organisationId: OrganisationId; nowMs: number }

/** Devices that are looked at in one go; each costs some 20 us to judge. */
const SCAN_ROWS = 500

/** Whether the deployment, device, site, source or sink that the call names has, or is, a device of production now. */
export async function isProduction(it: Production, { deployments }: ApprovalRules, called: Called): Promise<boolean> {
  if (deployments === undefined) return false
  const { matches } = storedSelector(deployments)
  for await (const rows of concerned(it, called)) {
    if (rows.some((row) => matches(factsOf(row, it.nowMs)))) return true
  }
  return false
}

function concerned(it: Production, { path, input }: Called): AsyncIterable<DeviceRow[]> {
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  const textOf = (key: string) => String(values.get(key) ?? '')
  if (path[0] === 'device' || values.has('device')) return oneDevice(it, textOf('device'))
  if (path[0] === 'site') return devicesOfSite(it, textOf('name'))
  if (path[0] === 'source' || path[0] === 'sink') return devicesOfConnection(it, textOf('scope'), textOf('connection'))
  return devicesOfDeployment(it, textOf('name') || textOf('deployment'))
}

async function* oneDevice({ tx, organisationId }: Production, reference: string) {
  const row = await findDevice(tx, organisationId, reference)
  if (row) yield [row]
}

/** Those of its scope, whichever of several of its name counts on them; of one that is removed, where it still is. */
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
