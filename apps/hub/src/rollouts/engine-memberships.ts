/** Engine memberships: which devices the engine looks at to bring their memberships in step, and when. */
import type { DeviceId, OrganisationId, RolloutId } from '@skerry/contract/ids'
import { type DeploymentInForce, deploymentsInForce } from '../deployments/deployment-store.ts'
import { queueDevices } from '../desired/desired-queue.ts'
import { findDevice, findDeviceById, listDevices } from '../devices/device-store.ts'
import type { Hub } from '../hub.ts'
import type { Db, Tx } from '../store/store.ts'
import { chunksOf, DEVICES_PER_TRANSACTION } from './engine-steps.ts'
import { forgetDevice, reconcileDevice } from './membership.ts'
import { publishRollouts } from './publish-rollouts.ts'

type MembershipHub = Pick<Hub, 'store' | 'bus' | 'clock'>

/** Brings devices that changed, came or went in step, and has their documents derived again. */
export async function reconcileChanged(hub: MembershipHub, ids: readonly DeviceId[]): Promise<void> {
  const nowMs = hub.clock.nowMs()
  for (const deviceIds of chunksOf(ids)) {
    const changed = await hub.store.transaction(async (tx) => {
      const deployments = createDeployments(tx)
      const rollouts: RolloutId[] = []
      for (const id of deviceIds) rollouts.push(...(await reconcileOne(tx, { id, deployments, nowMs })))
      return rollouts
    })
    publishRollouts(hub, changed)
  }
}

type One = { id: DeviceId; deployments: Deployments; nowMs: number }

async function reconcileOne(tx: Tx, { id, deployments, nowMs }: One): Promise<RolloutId[]> {
  const organisationId = (await findDeviceById(tx, id))?.organisation_id
  const row = organisationId && (await findDevice(tx, organisationId, id))
  if (!row || !organisationId) return forgetDevice(tx, id, nowMs)
  // A device that is let in, or resumed, gets what was not offered to it meanwhile.
  await queueDevices(tx, organisationId, [id])
  return reconcileDevice(tx, row, { organisationId, deployments: await deployments.of(organisationId), nowMs })
}

type Deployments = { of(organisationId: OrganisationId): Promise<DeploymentInForce[]> }

/** Looks an organisation's deployments up once. */
function createDeployments(db: Db): Deployments {
  const known = new Map<OrganisationId, Promise<DeploymentInForce[]>>()
  return {
    of(organisationId) {
      const deployments = known.get(organisationId) ?? deploymentsInForce(db, organisationId)
      known.set(organisationId, deployments)
      return deployments
    },
  }
}

/** Takes devices off their deployments whose removal nobody heard of. */
export async function takeOffRemoved(hub: MembershipHub): Promise<void> {
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

/** Looks at every device in turn, some at a time. */
export type Sweep = { next(): Promise<void> }

/** A sweep that begins at the first device of the first organisation. */
export function createSweep(hub: MembershipHub): Sweep {
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

/** Gives the name of the last device that was looked at; undefined at the end. */
async function sweepSome(hub: MembershipHub, organisationId: OrganisationId, after: string | undefined) {
  const nowMs = hub.clock.nowMs()
  const swept = await hub.store.transaction(async (tx) => {
    const deployments = await deploymentsInForce(tx, organisationId)
    if (deployments.length === 0) return { changed: [], last: undefined }
    const rows = await listDevices(tx, { organisationId, limit: DEVICES_PER_TRANSACTION, after })
    const changed: RolloutId[] = []
    for (const row of rows) changed.push(...(await reconcileDevice(tx, row, { organisationId, deployments, nowMs })))
    return { changed, last: rows.length < DEVICES_PER_TRANSACTION ? undefined : rows.at(-1)?.name }
  })
  publishRollouts(hub, swept.changed)
  return swept.last
}
