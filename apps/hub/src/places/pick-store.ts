/** Pick store: the devices that the policy of a deployment has picked, as rows. */
import type { DeploymentId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { isPlaced, type Placing } from '@skerry/core/places/place'
import { piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { PlacementPickTable } from '../store/tables/place-tables.ts'

type Deployment = { id: DeploymentId; organisationId: OrganisationId }

/** Names of devices that gained or lost a replica. */
export type PlacedChange = { gained: string[]; lost: string[]; changed: DeviceId[] }

export function picksOf(db: Db, { id }: Pick<Deployment, 'id'>): Promise<PlacementPickTable[]> {
  return db.selectFrom('placement_picks').selectAll().where('deployment_id', '=', id).execute()
}

type Keeping = { placing: Placing | undefined; nowMs: number }

/** Whether the decision differs from the stored one. */
export async function isNews(db: Db, deployment: Deployment, { candidates }: Placing): Promise<boolean> {
  const stored = new Map((await picksOf(db, deployment)).map(({ device_id, leaving }) => [device_id, leaving === 1]))
  const placed = candidates.filter(isPlaced)
  return (
    placed.length !== stored.size ||
    placed.some(({ candidate, verdict }) => stored.get(candidate.id) !== (verdict === 'leaving'))
  )
}

/** Stores the decision in place of the one before; all rows go if the deployment has no policy any more. */
export async function keepPlacing(tx: Tx, deployment: Deployment, { placing, nowMs }: Keeping): Promise<PlacedChange> {
  const { id, organisationId } = deployment
  const before = new Map((await picksOf(tx, deployment)).map((row) => [row.device_id, row]))
  const names = new Map(placing?.candidates.map(({ candidate }) => [candidate.id, candidate.name]) ?? [])
  const rows = (placing?.candidates.filter(isPlaced) ?? []).map(
    ({ candidate, verdict }): PlacementPickTable => ({
      deployment_id: id,
      device_id: candidate.id,
      organisation_id: organisationId,
      picked_at_ms: before.get(candidate.id)?.picked_at_ms ?? nowMs,
      leaving: verdict === 'leaving' ? 1 : null,
    }),
  )
  if (before.size > 0) await tx.deleteFrom('placement_picks').where('deployment_id', '=', id).execute()
  for (const piece of piecesOf(rows)) await tx.insertInto('placement_picks').values(piece).execute()
  if (placing && placing.moves > 0) await countMoves(tx, deployment, { moves: placing.moves, nowMs })
  const after = new Set(rows.map(({ device_id }) => device_id))
  const gained = [...after].filter((deviceId) => !before.has(deviceId))
  const lost = [...before.keys()].filter((deviceId) => !after.has(deviceId))
  const nameOf = (deviceId: DeviceId) => names.get(deviceId) ?? deviceId
  return { gained: gained.map(nameOf), lost: lost.map(nameOf), changed: [...gained, ...lost] }
}

/** Old rows are of no use: only the last hour counts. */
async function countMoves(
  tx: Tx,
  { id, organisationId }: Deployment,
  { moves, nowMs }: { moves: number; nowMs: number },
) {
  await tx
    .deleteFrom('placement_moves')
    .where('deployment_id', '=', id)
    .where('at_ms', '<', nowMs - 86_400_000)
    .execute()
  await tx
    .insertInto('placement_moves')
    .values({ deployment_id: id, at_ms: nowMs, organisation_id: organisationId, moves })
    .onConflict((conflict) => conflict.columns(['deployment_id', 'at_ms']).doUpdateSet({ moves }))
    .execute()
}
