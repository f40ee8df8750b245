/** Handlers of the procedures on groups. */
import type { GroupSpec, GroupUse } from '@skerry/contract/groups/group'
import type { DeviceId } from '@skerry/contract/values/ids'
import { judgeAccess } from '@skerry/core/people/access'
import { compileScope } from '@skerry/core/people/scope'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { groupMembers, groupMoves } from './group-plan.ts'
import { deleteGroup, findGroup, listGroups, saveGroup } from './group-store.ts'
import { groupUses } from './group-uses.ts'

export const groupHandlers = {
  list: os.group.list.handler(async ({ context: { hub, organisationId }, input: { limit, after } }) => {
    const groups = await listGroups(hub.store.db, { organisationId, limit: limit + 1, after })
    return pageFrom(groups, limit, ({ name }) => name)
  }),
  get: os.group.get.handler(async ({ context: { hub, organisationId, scope }, input: { group: name } }) => {
    const { db } = hub.store
    const group = await findGroup(db, organisationId, name)
    if (!group) throw problem('group_unknown')
    const { selector } = group.spec
    const members = await groupMembers(db, { organisationId, nowMs: hub.clock.nowMs(), selector, scope })
    return { ...group, members, uses: await groupUses(db, organisationId, name) }
  }),
  plan: os.group.plan.handler(async ({ context: { hub, organisationId }, input: { group: name, spec } }) => {
    const { db } = hub.store
    const current = await findGroup(db, organisationId, name)
    const change = { organisationId, nowMs: hub.clock.nowMs(), before: current?.spec.selector, after: spec.selector }
    const { moved: _, ...moves } = await groupMoves(db, change)
    return {
      change: current ? (isSame(current.spec, spec) ? ('none' as const) : ('update' as const)) : ('create' as const),
      ...moves,
      uses: await groupUses(db, organisationId, name),
    }
  }),
  set: os.group.set.handler(async ({ context, input: { group: name, spec } }) => {
    const { hub, organisationId, caller } = context
    const done = await context.change(async (tx, note) => {
      const current = await findGroup(tx, organisationId, name)
      if (current && isSame(current.spec, spec)) return { change: 'unchanged' as const, group: current, moved: [] }
      const uses = await groupUses(tx, organisationId, name)
      requireFit(context, spec, uses)
      const nowMs = hub.clock.nowMs()
      const change = { organisationId, nowMs, before: current?.spec.selector, after: spec.selector }
      const { joins, leaves, moved } = await groupMoves(tx, change)
      note.detail = {
        ...spec,
        ...(current ? { from: current.spec.selector } : { change: 'created' }),
        joins: joins.count,
        leaves: leaves.count,
        ...(uses.length > 0 && { uses: uses.map(({ kind, name: used }) => `${kind} ${used}`) }),
      }
      await saveGroup(tx, current, { organisationId, name, spec, nowMs, by: caller.name })
      const group = await findGroup(tx, organisationId, name)
      if (!group) throw new Error(`the group ${name} was stored, and is gone`)
      return { change: current ? ('updated' as const) : ('created' as const), group, moved }
    })
    publishMoves(hub, done.moved)
    return { change: done.change, group: done.group }
  }),
  remove: os.group.remove.handler(async ({ context, input: { group: name } }) => {
    const { organisationId } = context
    await context.change(async (tx) => {
      if (!(await findGroup(tx, organisationId, name))) throw problem('group_unknown')
      const uses = await groupUses(tx, organisationId, name)
      if (uses.length > 0)
        throw problem('group_used', `${usesText(uses)} names the group ${name}; change its selector first`)
      await deleteGroup(tx, organisationId, name)
    })
    return {}
  }),
}

const isSame = (a: GroupSpec, b: GroupSpec) => a.selector === b.selector && a.description === b.description

/** Uses that a message names. */
const NAMED_MAX = 5

const usesText = (uses: readonly GroupUse[]): string => {
  const named = uses.slice(0, NAMED_MAX).map(({ kind, name }) => `${kind} ${name}`)
  return [...named, ...(uses.length > NAMED_MAX ? [`${uses.length - NAMED_MAX} more`] : [])].join(', ')
}

/** A group in the scope of a role decides what people may do. Devices must not be able to move themselves into it. */
function requireFit({ caller }: Pick<KeyCall, 'caller'>, spec: GroupSpec, uses: readonly GroupUse[]): void {
  const role = uses.find(({ kind }) => kind === 'role')
  if (!role) return
  if (!judgeAccess(caller, 'role.write').ok)
    throw problem('group_refused', `the scope of the role ${role.name} names the group; changing it needs role.write`)
  const scope = compileScope(spec.selector)
  if (!scope.ok) throw problem('group_refused', `the scope of the role ${role.name} names the group; ${scope.message}`)
}

/** More events than this cost more than one look at the whole fleet. */
const EVENTS_MAX = 1_000

/** The engine looks at each device that joined or left, as if its labels had changed. */
function publishMoves({ bus }: Pick<Hub, 'bus'>, moved: readonly DeviceId[]): void {
  if (moved.length > EVENTS_MAX) bus.publish('everything.changed', '')
  else for (const id of moved) bus.publish('device.changed', id)
}
