/** Procedures on groups of devices. */
import * as z from 'zod'
import { Group, GroupDetail, GroupPlan, GroupSpec } from '../../groups/group.ts'
import { Name, Page, pageOf } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

export const groupProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/groups',
    access: 'fleet.read',
    scope: 'whole',
    approval: 'none',
    summary: 'List groups: the names of selectors',
    errors: [],
  })
    .input(z.strictObject({ ...Page }))
    .output(pageOf(Group)),
  get: procedure({
    method: 'GET',
    path: '/v1/groups/{group}',
    access: 'fleet.read',
    scope: 'filtered',
    approval: 'none',
    entity: 'group',
    summary: 'Show a group with its members, and the things whose selectors name it',
    errors: ['group_unknown'],
  })
    .input(z.strictObject({ group: Name }))
    .output(GroupDetail),
  plan: procedure({
    method: 'POST',
    path: '/v1/groups/{group}/plan',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    isReadOnly: true,
    summary: 'Show the devices that would join and leave a group, and the things that this affects',
    errors: ['selector_invalid', 'group_refused'],
  })
    .input(z.strictObject({ group: Name, spec: GroupSpec }))
    .output(GroupPlan),
  set: procedure({
    method: 'PUT',
    path: '/v1/groups/{group}',
    access: 'group.write',
    // A group may be in the selectors of people without a scope.
    scope: 'none',
    approval: 'deployments',
    entity: 'group',
    summary: 'Create a group, or change it: devices join and leave everything whose selector names it',
    errors: ['selector_invalid', 'group_refused', 'approval_needed'],
  })
    .input(z.strictObject({ group: Name, spec: GroupSpec }))
    .output(z.strictObject({ change: z.enum(['created', 'updated', 'unchanged']), group: Group })),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/groups/{group}',
    access: 'group.write',
    scope: 'none',
    approval: 'none',
    entity: 'group',
    summary: 'Remove a group that no selector names',
    errors: ['group_unknown', 'group_used'],
  })
    .input(z.strictObject({ group: Name }))
    .output(z.strictObject({})),
}
