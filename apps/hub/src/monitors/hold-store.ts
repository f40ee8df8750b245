/** Hold store: the flows that write no tags because a monitor holds them. */
import type { WriteHold } from '@skerry/contract/held/monitors'
import { WRITE_HOLDS_MAX } from '@skerry/contract/held/monitors'
import type { FlowHold } from '@skerry/contract/monitors/monitor'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { compileRows } from '../store/compiled-query.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import type { MonitorHoldTable } from '../store/tables/monitor-tables.ts'

/** A flow that is held stays held since its first time. */
export const insertHold = (tx: Tx, row: MonitorHoldTable) =>
  tx
    .insertInto('monitor_holds')
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(['organisation_id', 'model', 'flow']).doUpdateSet({ version: row.version, reason: row.reason }),
    )
    .execute()

type HoldKey = { organisationId: OrganisationId; model: string; flow?: string }

/** Releases one flow, or all of the monitor. Returns their number. */
export async function deleteHolds(tx: Tx, { organisationId, model, flow }: HoldKey): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('monitor_holds')
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .$if(flow !== undefined, (remove) => remove.where('flow', '=', flow ?? ''))
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** The flows that a monitor holds. */
export async function holdsOf(db: Db, { organisationId, model }: HoldKey): Promise<FlowHold[]> {
  const rows = await db
    .selectFrom('monitor_holds')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .orderBy('flow')
    .execute()
  return rows.map(({ flow, version, since_ms, reason }) => ({ flow, version, sinceMs: since_ms, reason }))
}

/** The flows of a device that are held. Two monitors may hold one flow: then both must release it. */
export async function holdsOfDevice(db: Db, device: Pick<DeviceTable, 'id'>): Promise<WriteHold[]> {
  const rows = await holdRowsOf(db, device.id)
  const byFlow = new Map(rows.map(({ flow, reason }) => [flow, { flow, reason }]))
  return [...byFlow.values()].slice(0, WRITE_HOLDS_MAX)
}

const holdRowsOf = compileRows((db, deviceId) =>
  db
    .selectFrom('device_items as item')
    .innerJoin('monitor_holds as hold', (join) =>
      join.onRef('hold.organisation_id', '=', 'item.organisation_id').onRef('hold.flow', '=', 'item.name'),
    )
    .select(['hold.flow', 'hold.reason'])
    .where('item.device_id', '=', deviceId as DeviceId)
    .orderBy('hold.flow')
    .orderBy('hold.model'),
)
