/** Engine memberships: selects the devices whose memberships the engine updates, and when. */
import type { DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import { countDeployments, type DeploymentInForce, deploymentsInForce } from '../../deployments/deployment-store.ts'
import { queueDevices } from '../../desired/desired-queue.ts'
import { type DeviceRow, findDevicesById, listDevices } from '../../devices/device-store.ts'
import { type DataRules, openDataRules } from '../../places/data-rules.ts'
import type { Db, Tx } from '../../store/store.ts'
import { standingsOf } from '../device-standings.ts'
import { contestedDevices } from '../leaving-rows.ts'
import { forgetDevice, reconcileDevice } from '../membership.ts'
import { DEVICES_PER_TRANSACTION, type EngineHub, forDevices } from './engine-work.ts'

/**
 * Updates the memberships of changed, new or removed devices, and queues their documents. Returns the devices for which
 * it failed.
 */
export function reconcileChanged(hub: EngineHub, ids: readonly DeviceId[]): Promise<DeviceId[]> {
  const nowMs = hub.clock.nowMs()
  return forDevices(hub, ids, async (tx, deviceIds) => {
    const rows = await findDevicesById(tx, deviceIds)
    const changed = await reconcileAll(tx, { ids: deviceIds, rows, nowMs })
    // An accepted or resumed device gets the offers that it missed.
    const byOrganisation = Map.groupBy(rows, ({ organisation_id }) => organisation_id)
    for (const [organisationId, own] of byOrganisation) {
      await queueDevices(
        tx,
        organisationId,
        own.map(({ id }) => id),
      )
    }
    return changed
  })
}

type Reconciled = {
  ids: readonly DeviceId[]
  /** The devices among these that exist. */
  rows: readonly DeviceRow[]
  nowMs: number
}

/** All reads are inside the transaction, because a device or a deployment may be removed at any moment before it. */
async function reconcileAll(tx: Tx, { ids, rows, nowMs }: Reconciled): Promise<RolloutId[]> {
  const deployments = createDeployments(tx)
  const known = new Map(rows.map((row) => [row.id, row]))
  const standingOf = await standingsOf(tx, ids)
  const changed: RolloutId[] = []
  for (const id of ids) {
    const row = known.get(id)
    if (!row) {
      changed.push(...(await forgetDevice(tx, id, nowMs)))
      continue
    }
    const organisationId = row.organisation_id
    const scope = { organisationId, ...(await deployments.of(organisationId)), nowMs }
    changed.push(...(await reconcileDevice(tx, row, standingOf(id), scope)))
  }
  return changed
}

type Judged = { deployments: DeploymentInForce[]; dataRules: DataRules }

type Deployments = { of(organisationId: OrganisationId): Promise<Judged> }

/** Reads an organisation's deployments once. */
function createDeployments(db: Db): Deployments {
  const known = new Map<OrganisationId, Promise<Judged>>()
  const read = async (organisationId: OrganisationId): Promise<Judged> => ({
    deployments: await deploymentsInForce(db, organisationId),
    dataRules: await openDataRules(db, organisationId),
  })
  return {
    of(organisationId) {
      const deployments = known.get(organisationId) ?? read(organisationId)
      known.set(organisationId, deployments)
      return deployments
    },
  }
}

/** Removes devices from their deployments if the event of their removal was lost. */
export async function takeOffRemoved(hub: EngineHub): Promise<void> {
  const rows = await hub.store.db
    .selectFrom('rollout_members')
    .innerJoin('deployments', 'deployments.rollout_id', 'rollout_members.rollout_id')
    .leftJoin('devices', 'devices.id', 'rollout_members.device_id')
    .select('rollout_members.device_id')
    .distinct()
    .where('devices.id', 'is', null)
    .execute()
  await reconcileChanged(
    hub,
    rows.map(({ device_id }) => device_id),
  )
}

/** Assigns a model's name to the waiting deployment, on devices that another deployment has left. */
export async function reconcileContested(hub: EngineHub): Promise<void> {
  await reconcileChanged(hub, await contestedDevices(hub.store.db))
}

/** Reads every device in turn, some at a time. */
export type Sweep = { next(): Promise<void> }

/** A sweep that begins at the first device of the first organisation. */
export function createSweep(hub: EngineHub): Sweep {
  let place: { organisationId: OrganisationId; after: string | undefined } | undefined
  return {
    async next() {
      place ??= await organisationAfter(hub.store.db, undefined)
      if (!place) return
      const { organisationId, after } = place
      const name = await sweepSome(hub, organisationId, after)
      place =
        name === undefined ? await organisationAfter(hub.store.db, organisationId) : { organisationId, after: name }
    },
  }
}

async function organisationAfter(db: Db, id: OrganisationId | undefined) {
  const row = await db
    .selectFrom('organisations')
    .select('id')
    .$if(id !== undefined, (select) => select.where('id', '>', id as OrganisationId))
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row && { organisationId: row.id, after: undefined }
}

/** Returns the name of the last device that was read; undefined at the end. */
async function sweepSome(hub: EngineHub, organisationId: OrganisationId, after: string | undefined) {
  if ((await countDeployments(hub.store.db, organisationId)) === 0) return undefined
  const nowMs = hub.clock.nowMs()
  const rows = await listDevices(hub.store.db, { organisationId, limit: DEVICES_PER_TRANSACTION, after })
  await forDevices(
    hub,
    rows.map(({ id }) => id),
    async (tx, ids) => reconcileAll(tx, { ids, rows: await findDevicesById(tx, ids), nowMs }),
  )
  return rows.length < DEVICES_PER_TRANSACTION ? undefined : rows.at(-1)?.name
}
