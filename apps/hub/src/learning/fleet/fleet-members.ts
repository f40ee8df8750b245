/** Fleet members: the devices that a selector selects for an order now, and whether each of them can begin. */
import { isLearningOver, LearningPhase } from '@skerry/contract/learning/learning'
import { FLEET_DEVICES_MAX, type LearningFleetSpec, type LeftOutDevice } from '@skerry/contract/learning/learning-fleet'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import { memberName, memberTrouble } from '@skerry/core/learning/fleet'
import { compileSelector } from '@skerry/core/selectors/selector'
import { wantedConnections } from '../../connections/device-connections.ts'
import type { DeviceRow } from '../../devices/device-store.ts'
import { expandSelector } from '../../groups/group-store.ts'
import type { KeyCall } from '../../http/call.ts'
import { problem, throwProblem } from '../../http/problem.ts'
import { scanFleet } from '../../selectors/fleet-scan.ts'
import { fromJson } from '../../store/json-column.ts'
import { padded } from '../../store/many-rows.ts'
import type { Db } from '../../store/store.ts'

type FleetMembers = { devices: DeviceRow[]; leftOut: LeftOutDevice[] }

/** By name. Throws the contract's problem if the selector is invalid, or selects no device that can begin, or too many. */
export async function fleetMembers(call: KeyCall, spec: LearningFleetSpec): Promise<FleetMembers> {
  const { organisationId } = call
  const { db } = call.hub.store
  const selected = await selectedDevices(call, spec)
  const facts = await memberFacts(db, organisationId, { spec, devices: selected })
  const members: FleetMembers = { devices: [], leftOut: [] }
  for (const row of selected) {
    const sources = (await wantedConnections(db, row)).rows.filter(({ kind }) => kind === 'source')
    const reason = memberTrouble(spec, { ...facts(row), sources: sources.map(({ name }) => name) })
    if (reason === undefined) members.devices.push(row)
    else members.leftOut.push({ device: row.name, reason })
  }
  const [first] = members.leftOut
  if (members.devices.length === 0 && first)
    throw problem('learning_refused', `none of the selected devices can begin; ${first.device}: ${first.reason}`)
  return members
}

async function selectedDevices({ hub, organisationId }: KeyCall, spec: LearningFleetSpec): Promise<DeviceRow[]> {
  const { db } = hub.store
  const selector = compileSelector(await expandSelector(db, organisationId, spec.selector))
  if (!selector.ok) return throwProblem(selector)
  const selected: DeviceRow[] = []
  for await (const { row, facts } of scanFleet(db, organisationId, hub.clock.nowMs())) {
    if (!selector.matches(facts)) continue
    selected.push(row)
    if (selected.length > FLEET_DEVICES_MAX) throw problem('learning_refused', TOO_MANY)
  }
  if (selected.length === 0) throw problem('learning_refused', NONE)
  return selected
}

const TOO_MANY = `the selector selects more than ${FLEET_DEVICES_MAX} devices; start an order for each part of them`
const NONE = 'the selector selects no device; try it with "skerry device ls --filter SELECTOR"'

type Selected = { spec: LearningFleetSpec; devices: readonly DeviceRow[] }

/** Reads the facts of all devices at once, apart from their sources. */
async function memberFacts(db: Db, organisationId: OrganisationId, { spec, devices }: Selected) {
  const names = devices.map(({ name }) => memberName(spec.name, name))
  const live = await liveCounts(
    db,
    devices.map(({ id }) => id),
  )
  const newest = await newestLearnings(db, organisationId, names)
  const owners = await kindsOf(db, organisationId, [...names, ...names.map(alarmFlowName)])
  return ({ id, name: device, status }: DeviceRow) => {
    const name = memberName(spec.name, device)
    return {
      device,
      status,
      live: live.get(id) ?? 0,
      current: newest.get(name),
      owner: owners.get(name),
      alarmOwner: owners.get(alarmFlowName(name)),
    }
  }
}

async function liveCounts(db: Db, ids: readonly DeviceId[]): Promise<ReadonlyMap<DeviceId, number>> {
  const rows = await db
    .selectFrom('learnings')
    .select(['device_id', ({ fn }) => fn.countAll<number>().as('count')])
    .where('device_id', 'in', padded(ids))
    .where(
      'phase',
      'in',
      LearningPhase.options.filter((phase) => !isLearningOver(phase)),
    )
    .groupBy('device_id')
    .execute()
  return new Map(rows.map(({ device_id, count }) => [device_id, Number(count)]))
}

/** The newest learning of each name. */
async function newestLearnings(db: Db, organisationId: OrganisationId, names: readonly string[]) {
  const rows = await db
    .selectFrom('learnings')
    .select(['name', 'spec', 'phase'])
    .where('organisation_id', '=', organisationId)
    .where('name', 'in', padded(names))
    .orderBy('created_at_ms')
    .orderBy('id')
    .execute()
  // A later one replaces an earlier one.
  return new Map(rows.map(({ name, spec, phase }) => [name, { device: fromJson(spec).device as string, phase }]))
}

async function kindsOf(db: Db, organisationId: OrganisationId, names: readonly string[]) {
  const rows = await db
    .selectFrom('models')
    .select(['name', 'kind'])
    .where('organisation_id', '=', organisationId)
    .where('name', 'in', padded(names))
    .where('removed_at_ms', 'is', null)
    .execute()
  return new Map(rows.map(({ name, kind }) => [name, kind as string]))
}

/** Throws if a learning of one of the names has begun meanwhile. */
export async function refuseBegun(db: Db, organisationId: OrganisationId, names: readonly string[]): Promise<void> {
  for (const [name, { phase }] of await newestLearnings(db, organisationId, names))
    if (!isLearningOver(phase)) throw problem('learning_exists', `the learning ${name} is under way`)
}
