/** Gateway store: the gateways that have reported, each with its newest report. */
import { GATEWAYS_MAX, type GatewayReport } from '@skerry/contract/routes/route'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'
import { toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { GatewayTable } from '../store/tables/place-tables.ts'

/** A gateway that has been gone for a day is not expected back. */
const FORGET_MS = 86_400_000

/** The gateways of the organisation, by name. */
export const listGateways = (db: Db, organisationId: OrganisationId): Promise<GatewayTable[]> =>
  db
    .selectFrom('gateways')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .orderBy('name')
    .limit(GATEWAYS_MAX)
    .execute()

export type SeenGateway = {
  organisationId: OrganisationId
  name: string
  site: string | undefined
  url: string | undefined
  report: GatewayReport | undefined
  nowMs: number
}

/** False if the organisation has too many others. */
export async function saveGateway(tx: Tx, seen: SeenGateway): Promise<boolean> {
  const { organisationId, name, site, url, report, nowMs } = seen
  const known = await listGateways(tx, organisationId)
  if (known.length >= GATEWAYS_MAX && !known.some((one) => one.name === name)) return false
  const row = {
    site: site ?? null,
    url: url ?? null,
    seen_at_ms: nowMs,
    report: report ? toJson(report) : null,
  }
  await tx
    .insertInto('gateways')
    .values({ organisation_id: organisationId, name, ...row })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doUpdateSet(row))
    .execute()
  return true
}

/** Forgets the gateways that are gone. */
export async function sweepGateways({ store, clock }: Hub): Promise<void> {
  await store.transaction((tx) =>
    tx
      .deleteFrom('gateways')
      .where('seen_at_ms', '<', clock.nowMs() - FORGET_MS)
      .execute(),
  )
}
