/** Device pairs: the document of the pairs in which a device takes part, derived at each look. */
import {
  DEVICE_PAIRS_MAX,
  type HeldPairs,
  type PairOrder,
  type PairPeer,
  type PairsDocument,
} from '@skerry/contract/held/pairs'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { findDevices } from '../devices/device-store.ts'
import type { Db } from '../store/store.ts'
import type { PairTable } from '../store/tables/devices/pair-tables.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { pairReports, pairsOf } from './pair-store.ts'

type Own = Pick<DeviceTable, 'id' | 'organisation_id'>

/** The document for a device that reports this; undefined if the device is up to date. */
export async function newPairs(db: Db, device: Own, held: HeldPairs): Promise<PairsDocument | undefined> {
  const rows = (await pairsOf(db, device.organisation_id, [device.id])).slice(0, DEVICE_PAIRS_MAX)
  if (held.revision === undefined && rows.length === 0) return undefined
  const ids = [...new Set(rows.flatMap(idsOf))]
  const devices = new Map((await findDevices(db, device.organisation_id, ids)).map((each) => [each.id, each]))
  const reports = await pairReports(db, ids)
  const peer = (id: PairTable['first_id']): PairPeer | undefined => {
    const found = devices.get(id)
    const door = reports.get(id)?.door
    return found && { device: id, name: found.name, key: found.public_key_hash, ...(door !== undefined && { door }) }
  }
  const pairs = rows.flatMap((row): PairOrder[] => {
    const [first, second, witness] = [peer(row.first_id), peer(row.second_id), peer(row.witness_id)]
    if (!first || !second || !witness) return []
    const order = { pair: row.id, name: row.name, members: [first, second] as [PairPeer, PairPeer], witness }
    const turn = row.turn_to === null ? {} : { switch: { turn: row.turn, to: row.turn_to } }
    return [{ ...order, address: row.address, interface: row.interface, ...turn }]
  })
  const revision = digestOf(canonicalJson(pairs))
  return revision === held.revision ? undefined : { v: 1, deviceId: device.id, revision, pairs }
}

/** The devices of a pair: its members, and the witness. */
export const idsOf = ({ first_id, second_id, witness_id }: PairTable) => [first_id, second_id, witness_id] as const
