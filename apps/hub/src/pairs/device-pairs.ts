/** Device pairs: the document of the pairs in which a device takes part, derived at each look. */

import type { DeviceStatus } from '@skerry/contract/devices/device'
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
import { endedPairsOf, pairReports, pairsOf } from './pair-store.ts'

type Own = Pick<DeviceTable, 'id' | 'organisation_id'>

/** A person distrusts such a device. It must not hold the site, and its vote decides nothing. */
const BARRED: ReadonlySet<DeviceStatus> = new Set(['quarantined', 'revoked', 'wiping', 'wiped'])

/** The document for a device that reports this; undefined if the device is up to date. */
export async function newPairs(db: Db, device: Own, held: HeldPairs): Promise<PairsDocument | undefined> {
  const rows = await pairsOf(db, device.organisation_id, [device.id])
  if (held.revision === undefined && rows.length === 0) return undefined
  // Without its own membership a device would act on its own. So it never gets a part of the list.
  if (rows.length > DEVICE_PAIRS_MAX)
    throw new Error(`the device ${device.id} takes part in ${rows.length} pairs, and at most ${DEVICE_PAIRS_MAX} fit`)
  const ids = [...new Set(rows.flatMap(idsOf))]
  const devices = new Map((await findDevices(db, device.organisation_id, ids)).map((each) => [each.id, each]))
  const reports = await pairReports(db, ids)
  const peer = (id: PairTable['first_id']): PairPeer => {
    const found = devices.get(id)
    if (!found) throw new Error(`the device ${id} of a pair has no record`)
    const door = reports.get(id)?.door
    const barred = BARRED.has(found.status) && { barred: true }
    return { device: id, name: found.name, key: found.public_key_hash, ...(door !== undefined && { door }), ...barred }
  }
  const pairs = rows.map((row): PairOrder => {
    const [first, second, witness] = [peer(row.first_id), peer(row.second_id), peer(row.witness_id)]
    const order = { pair: row.id, name: row.name, members: [first, second] as [PairPeer, PairPeer], witness }
    const turn = row.turn_to === null ? {} : { switch: { turn: row.turn, to: row.turn_to } }
    return { ...order, address: row.address, interface: row.interface, ...turn }
  })
  const ended = await endedPairsOf(db, device.organisation_id, device.id)
  const revision = digestOf(canonicalJson({ pairs, ended }))
  return revision === held.revision ? undefined : { v: 1, deviceId: device.id, revision, pairs, ended }
}

/** The devices of a pair: its members, and the witness. */
export const idsOf = ({ first_id, second_id, witness_id }: PairTable) => [first_id, second_id, witness_id] as const
