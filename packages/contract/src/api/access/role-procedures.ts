/** Procedures on roles: the built-in ones, which nobody changes, and those of the organisation's own. */
import * as z from 'zod'
import { RoleName, RoleSpec, RoleView } from '../../people/role.ts'
import { procedure } from '../procedure.ts'

const named = z.strictObject({ role: RoleName })

export const roleProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/roles',
    access: 'role.read',
    scope: 'none',
    approval: 'none',
    summary: 'List roles, the built-in ones first',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rows: z.array(RoleView) })),
  show: procedure({
    method: 'GET',
    path: '/v1/roles/{role}',
    access: 'role.read',
    scope: 'none',
    approval: 'none',
    entity: 'role',
    summary: 'Show a role',
    errors: ['role_unknown'],
  })
    .input(named)
    .output(RoleView),
  create: procedure({
    method: 'POST',
    path: '/v1/roles',
    access: 'role.write',
    scope: 'none',
    approval: 'roles',
    summary: 'Create a role of the organisation; you cannot give a role permissions that you do not have',
    errors: ['approval_needed', 'role_exists', 'role_refused', 'role_limit_reached', 'selector_invalid'],
  })
    .input(RoleSpec.extend({ name: RoleName }))
    .output(RoleView),
  edit: procedure({
    method: 'PUT',
    path: '/v1/roles/{role}',
    access: 'role.write',
    scope: 'none',
    approval: 'roles',
    entity: 'role',
    summary: 'Change a role; the change applies from the next request',
    errors: ['approval_needed', 'role_unknown', 'role_built_in', 'role_refused', 'selector_invalid'],
  })
    .input(RoleSpec.extend({ role: RoleName }))
    .output(RoleView),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/roles/{role}',
    access: 'role.write',
    scope: 'none',
    approval: 'none',
    entity: 'role',
    summary: 'Remove an unused role',
    errors: ['role_unknown', 'role_built_in', 'role_refused', 'role_in_use'],
  })
    .input(named)
    .output(z.strictObject({})),
}
