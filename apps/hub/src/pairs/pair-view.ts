/** Pair view: pairs with the reports of their devices. */
import type { Pair, PairDevice } from '@skerry/contract/pairs/pair'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { type PairFacts, pairStanding } from '@skerry/core/pairs/pair-standing'
import { type DeviceRow, findDevices } from '../devices/device-store.ts'
import { isConnected } from '../devices/liveness.ts'
import type { Db } from '../store/store.ts'
import type { PairTable } from '../store/tables/devices/pair-tables.ts'
import { idsOf } from './device-pairs.ts'
import { pairReports } from './pair-store.ts'

/** The pairs of these records. A pair of which a device was removed shows it by its id. */
export async function viewPairs(
  db: Db,
  rows: readonly PairTable[],
  { organisationId, nowMs }: { organisationId: OrganisationId; nowMs: number },
): Promise<Pair[]> {
  const ids = [...new Set(rows.flatMap(idsOf))]
  const devices = new Map((await findDevices(db, organisationId, ids)).map((row) => [row.id, row]))
  const reports = await pairReports(db, ids)
  return rows.map((row) => {
    const facts = (id: DeviceId): Seen => {
      const device = devices.get(id)
      return {
        id,
        row: device,
        device: device?.name ?? REMOVED,
        isConnected: device !== undefined && isConnected(device, nowMs),
        report: reports.get(id)?.pairs.find(({ pair }) => pair === row.id),
      }
    }
    return viewOf(row, [facts(row.first_id), facts(row.second_id), facts(row.witness_id)])
  })
}

/** The name of a device that a person has removed. */
const REMOVED = 'removed'

type Seen = PairFacts & { id: DeviceId; row: DeviceRow | undefined }

function viewOf(row: PairTable, [first, second, witness]: readonly [Seen, Seen, Seen]): Pair {
  const standing = pairStanding([first, second], witness)
  const target = [first, second].find(({ id }) => id === row.turn_to)
  const isDone = [first, second].some(({ report }) => (report?.doneTurn ?? 0) >= row.turn)
  const isOpen = target !== undefined && standing.active?.device !== target.device && !isDone
  return {
    id: row.id,
    name: row.name,
    spec: {
      members: [first.device, second.device],
      witness: witness.device,
      address: row.address,
      interface: row.interface,
    },
    ...standing,
    devices: [deviceOf(first), deviceOf(second), deviceOf(witness)],
    ...(isOpen && { switchTo: target.device }),
    createdAtMs: Number(row.created_at_ms),
    createdBy: row.created_by,
  }
}

function deviceOf({ id, row, device, isConnected: connected, report }: Seen): PairDevice {
  return {
    device,
    deviceId: id,
    site: row?.site ?? REMOVED,
    isConnected: connected,
    ...(report && {
      role: report.role,
      epoch: report.epoch,
      sinceMs: report.sinceMs,
      unreached: report.unreached,
      ...(report.problem !== undefined && { problem: report.problem }),
    }),
  }
}
