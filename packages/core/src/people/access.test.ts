import { Permission, permissionsOf, Role } from '@skerry/contract/people/permissions'
import { KeyId, OrganisationId, UserId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { actorOf, builtInGrant, type Caller, judgeAccess, permissionsOfCaller } from './access.ts'

const organisationId = OrganisationId.parse('org_aaaaaaaa')
const userId = UserId.parse('usr_aaaaaaaa')
const callerOf = (...roles: Role[]): Caller => ({
  kind: 'user',
  id: userId,
  name: 'Ada',
  personId: userId,
  organisationId,
  organisation: 'default',
  grants: roles.map(builtInGrant),
})

test('a caller may use exactly the permissions of their roles', () => {
  for (const role of Role.options) {
    const allowed = Permission.options.filter((permission) => judgeAccess(callerOf(role), permission).ok)
    expect(new Set(allowed)).toEqual(new Set(permissionsOf[role]))
    expect(permissionsOfCaller(callerOf(role))).toEqual(allowed)
  }
  const both = callerOf('editor', 'auditor')
  expect([judgeAccess(both, 'model.write').ok, judgeAccess(both, 'key.read').ok]).toEqual([true, true])
  expect(judgeAccess(both, 'rollout.approve')).toEqual({
    ok: false,
    code: 'permission_denied',
    message: 'Ada is editor, auditor; this needs rollout.approve',
  })
  expect(judgeAccess(callerOf(), 'fleet.read').ok).toBe(false)
})

test('no role joins devices, only owners and operators write organisations, and readers write nothing', () => {
  for (const role of Role.options) expect(permissionsOf[role]).not.toContain('device.join')
  expect(Role.options.filter((role) => permissionsOf[role].includes('organisation.write'))).toEqual([
    'owner',
    'operator',
  ])
  // A recording is played, and nothing is changed.
  for (const role of ['auditor', 'viewer'] as const)
    expect(permissionsOf[role].filter((permission) => !/\.(read|replay)$/.test(permission))).toEqual([])
  // A role that creates batches cannot sign or send them, and the other way round.
  expect(permissionsOf.editor).not.toContain('batch.send')
  expect(permissionsOf.supervisor).not.toContain('batch.create')
})

test('the audit trail names a user or key by kind, id and name', () => {
  expect(actorOf(callerOf('viewer'))).toEqual({ kind: 'user', id: userId, name: 'Ada' })
  const keyId = KeyId.parse('key_aaaaaaaa')
  expect(actorOf({ ...callerOf('viewer'), kind: 'key', id: keyId, name: 'ci' })).toEqual({
    kind: 'key',
    id: keyId,
    name: 'ci',
  })
})

test('only an operator manages organisations, and an operator sees no fleet', () => {
  const about = (nouns: RegExp) => permissionsOf.operator.filter((permission) => nouns.test(permission))
  expect(about(/^(fleet|site|device|token|model|deployment|rollout|batch|secret|trust)\./)).toEqual([])
  const managers = Role.options.filter((role) => permissionsOf[role].some((each) => each.startsWith('tenant.')))
  expect(managers).toEqual(['operator'])
})

test('an action that is open to any caller needs a role, and keeps its scope', () => {
  expect(judgeAccess({ name: 'x', grants: [] }, 'caller').ok).toBe(false)
  const grants = [{ role: 'here', permissions: ['model.write' as const], scope: 'site.name == "oslo"' }]
  expect(judgeAccess({ name: 'x', grants }, 'caller')).toEqual({ ok: true, scope: 'site.name == "oslo"' })
})
