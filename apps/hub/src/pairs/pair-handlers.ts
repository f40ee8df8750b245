/** Handlers of the procedures on pairs. */
import { DEVICE_PAIRS_MAX, type HeldPairs } from '@skerry/contract/held/pairs'
import { hostOf, PAIRS_MAX, type Pair, type PairSpec } from '@skerry/contract/pairs/pair'
import type { DeviceId } from '@skerry/contract/values/ids'
import { unsureDevices } from '@skerry/core/pairs/pair-end'
import { type DeviceRow, findDevice } from '../devices/device-store.ts'
import { isConnected } from '../devices/liveness.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import type { Db, Tx } from '../store/store.ts'
import type { PairTable } from '../store/tables/devices/pair-tables.ts'
import {
  endPair,
  findPair,
  insertPair,
  listPairs,
  lockDevices,
  pairReports,
  pairsOf,
  switchPair,
} from './pair-store.ts'
import { viewPairs } from './pair-view.ts'

export const pairHandlers = {
  list: os.pair.list.handler(async ({ context }) => {
    const { db } = context.hub.store
    return { rows: await viewPairs(db, await listPairs(db, context.organisationId), about(context)) }
  }),
  get: os.pair.get.handler(async ({ context, input: { name } }) => {
    const { db } = context.hub.store
    return viewOne(db, context, await knownPair(db, context, name))
  }),
  create: os.pair.create.handler(async ({ context, input: { name, spec } }) => {
    const pair = await context.change(async (tx, note) => {
      note.detail = { ...spec }
      const devices = await fitting(tx, context, name, spec)
      const row = rowOf(context, name, spec, devices)
      await insertPair(tx, row)
      return viewOne(tx, context, row)
    })
    changed(context)
    return pair
  }),
  switch: os.pair.switch.handler(async ({ context, input: { name, to } }) => {
    const pair = await context.change(async (tx, note) => {
      const row = await knownPair(tx, context, name)
      const view = await viewOne(tx, context, row)
      note.detail = { to, ...(view.active && { from: view.active.device }) }
      await switchPair(tx, row, switchTarget(row, view, to))
      return viewOne(tx, context, await knownPair(tx, context, name))
    })
    changed(context)
    return pair
  }),
  remove: os.pair.remove.handler(async ({ context, input: { name, off } }) => {
    await context.change(async (tx, note) => {
      const row = await knownPair(tx, context, name)
      if (off !== undefined) note.detail = { off }
      requireEnd(await viewOne(tx, context, row), new Set(off))
      await endPair(tx, row, context.hub.clock.nowMs())
    })
    changed(context)
    return {}
  }),
}

const about = ({ hub, organisationId }: KeyCall) => ({ organisationId, nowMs: hub.clock.nowMs() })

/** The documents of its devices are derived anew. */
const changed = ({ hub, organisationId }: KeyCall) => hub.bus.publish('pairs.changed', organisationId)

async function knownPair(db: Db, { organisationId }: KeyCall, name: string): Promise<PairTable> {
  const row = await findPair(db, organisationId, name)
  if (!row) throw problem('pair_unknown')
  return row
}

async function viewOne(db: Db, context: KeyCall, row: PairTable): Promise<Pair> {
  const [pair] = await viewPairs(db, [row], about(context))
  if (!pair) throw new Error(`the pair ${row.name} has no view`)
  return pair
}

type Three = readonly [DeviceRow, DeviceRow, DeviceRow]

/** The devices of the declaration, if they can be a pair. */
async function fitting(tx: Tx, { hub, organisationId }: KeyCall, name: string, spec: PairSpec): Promise<Three> {
  if (await findPair(tx, organisationId, name)) throw problem('pair_refused', `there is a pair ${name} already`)
  if ((await listPairs(tx, organisationId)).length >= PAIRS_MAX)
    throw problem('pair_refused', `an organisation has at most ${PAIRS_MAX} pairs; remove one`)
  const named = async (device: string) => {
    const found = await findDevice(tx, organisationId, device)
    if (!found) throw problem('device_unknown', `there is no device ${device}; "skerry device ls" lists them`)
    return found
  }
  const [first, second] = spec.members
  const devices: Three = [await named(first), await named(second), await named(spec.witness)]
  await lockDevices(
    tx,
    devices.map(({ id }) => id),
  )
  await requireFit(tx, devices, { spec, nowMs: hub.clock.nowMs() })
  return devices
}

type Wish = { spec: PairSpec; nowMs: number }

/** The active device removes the virtual address when it becomes passive, so no device may need it. */
function requireFreeAddress({ address }: PairSpec, devices: Three, reports: ReadonlyMap<DeviceId, HeldPairs>): void {
  const [host] = address.split('/')
  const owner = devices.find(({ id }) => hostOf(reports.get(id)?.door ?? '') === host)
  if (owner)
    throw problem('pair_refused', `${host} is the own address of ${owner.name}; choose an address that no device has`)
}

async function requireFit(tx: Tx, devices: Three, { spec, nowMs }: Wish): Promise<void> {
  const [first, second] = devices
  if (new Set(devices.map(({ id }) => id)).size < 3)
    throw problem('pair_refused', 'a pair needs three devices: with two, a cut line looks like the death of the other')
  const stray = devices.find(({ site_id }) => site_id !== first.site_id)
  if (stray)
    throw problem('pair_refused', `${stray.name} is at the site ${stray.site}, and ${first.name} at ${first.site}`)
  const pending = devices.find(({ status }) => status !== 'active')
  if (pending) throw problem('pair_refused', `${pending.name} is ${pending.status}; the devices of a pair are active`)
  const reports = await pairReports(
    tx,
    devices.map(({ id }) => id),
  )
  const closed = devices.find(({ id }) => reports.get(id)?.door === undefined)
  if (closed)
    throw problem(
      'pair_refused',
      `${closed.name} takes no part in pairs; its operator allows it with "skerry agent --pair HOST:PORT"`,
    )
  requireFreeAddress(spec, devices, reports)
  const away = devices.find((device) => !isConnected(device, nowMs))
  if (away)
    // Without its order a member would go on to act on its own.
    throw problem('pair_refused', `the hub has no connection to ${away.name}; the three devices must be connected`)
  const memberIds = [first.id, second.id]
  const others = await pairsOf(tx, first.organisation_id, memberIds)
  const taken = others.find(({ first_id, second_id }) => memberIds.some((id) => id === first_id || id === second_id))
  if (taken) throw problem('pair_refused', `a device is a member of the pair ${taken.name} already`)
  for (const { id, name } of devices) {
    // The document of a device has room for so many.
    if ((await pairsOf(tx, first.organisation_id, [id])).length >= DEVICE_PAIRS_MAX)
      throw problem('pair_refused', `${name} takes part in ${DEVICE_PAIRS_MAX} pairs already; choose another device`)
  }
}

function rowOf({ hub, organisationId, caller }: KeyCall, name: string, spec: PairSpec, devices: Three): PairTable {
  const [first, second, witness] = devices
  return {
    id: hub.ids.pair(),
    organisation_id: organisationId,
    name,
    first_id: first.id,
    second_id: second.id,
    witness_id: witness.id,
    address: spec.address,
    interface: spec.interface,
    turn: 0,
    turn_to: null,
    created_at_ms: hub.clock.nowMs(),
    created_by: caller.name,
  }
}

/** The devices of the pair know of its end, or are off. */
function requireEnd({ name, devices }: Pair, off: ReadonlySet<string>): void {
  const unsure = unsureDevices(devices, off)
  if (unsure.length === 0) return
  const names = unsure.join(' and ')
  const all = [...off, ...unsure].join(',')
  throw problem(
    'pair_refused',
    `the hub has no connection to ${names}, which may still write to equipment; switch it off, and run "skerry pair rm ${name} --off ${all}"`,
  )
}

/** The device that shall be active. */
function switchTarget(row: PairTable, { spec, active, devices }: Pair, to: string): DeviceId {
  const at = spec.members.indexOf(to)
  if (at === -1) throw problem('pair_refused', `${to} is no member of the pair ${row.name}`)
  if (active?.device === to) throw problem('pair_refused', `${to} is active already`)
  if (!devices[at]?.isConnected)
    throw problem('pair_refused', `the hub has no connection to ${to}, so it cannot be switched to now`)
  return at === 0 ? row.first_id : row.second_id
}
