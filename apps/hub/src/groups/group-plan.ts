/** Group plan: the devices that join and leave a group by a change, in one walk over the fleet. */
import { GROUP_NAMES_MAX, type GroupDevices } from '@skerry/contract/groups/group'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { groupNames } from '@skerry/core/groups/group-text'
import type { Scope } from '@skerry/core/people/scope'
import { compileSelector, type Selector } from '@skerry/core/selectors/selector'
import type { DeviceRow } from '../devices/device-store.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { scanFleet } from '../selectors/fleet-scan.ts'
import type { Db } from '../store/store.ts'

type GroupChange = {
  organisationId: OrganisationId
  nowMs: number
  /** Undefined if the group does not exist yet. */
  before: string | undefined
  after: string
}

type GroupMoves = { joins: GroupDevices; leaves: GroupDevices; memberCount: number; moved: DeviceId[] }

/** The selector of a group. Throws the contract's problem if it is none, or names a group itself. */
export function groupSelector(text: string): Selector {
  const [nested] = groupNames(text)
  if (nested !== undefined)
    throw problem(
      'group_refused',
      `a group cannot name another group, and this names ${nested}; write its selector instead`,
    )
  const selector = compileSelector(text)
  return selector.ok ? selector : throwProblem(selector)
}

/** Changes nothing. */
export async function groupMoves(db: Db, { organisationId, nowMs, before, after }: GroupChange): Promise<GroupMoves> {
  const next = groupSelector(after)
  const old = before === undefined ? undefined : groupSelector(before)
  const moves: GroupMoves = { joins: none(), leaves: none(), memberCount: 0, moved: [] }
  if (before === after)
    return { ...moves, memberCount: (await groupMembers(db, { organisationId, nowMs, selector: after })).count }
  for await (const { row, facts } of scanFleet(db, organisationId, nowMs)) {
    const isMember = next.matches(facts)
    if (isMember) moves.memberCount += 1
    if (isMember === (old?.matches(facts) ?? false)) continue
    add(isMember ? moves.joins : moves.leaves, row)
    moves.moved.push(row.id)
  }
  return moves
}

type Members = { organisationId: OrganisationId; nowMs: number; selector: string; scope?: Scope | undefined }

/** The members of a selector without groups. */
export async function groupMembers(db: Db, { organisationId, nowMs, selector, scope }: Members): Promise<GroupDevices> {
  const { matches } = groupSelector(selector)
  const members = none()
  for await (const { row, facts } of scanFleet(db, organisationId, nowMs, scope)) {
    if (matches(facts)) add(members, row)
  }
  return members
}

const none = (): GroupDevices => ({ count: 0, devices: [] })

function add(devices: GroupDevices, { id, name, site }: DeviceRow): void {
  devices.count += 1
  if (devices.devices.length < GROUP_NAMES_MAX) devices.devices.push({ id, name, site })
}
