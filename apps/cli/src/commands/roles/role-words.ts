/** Role words: what the role commands share. */
import type { SkerryClient } from '@skerry/client/client'
import type { Permission } from '@skerry/contract/people/permissions'
import { GivenPermission, RoleName, type RoleView } from '@skerry/contract/people/role'
import { fits, list, required, value } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf } from '../../program/terminal/table.ts'

export const ROLE = required('<role>', 'name of the role, from "skerry role ls"', fits(RoleName))

export const PERMISSIONS = list('--permission <permission>', 'permission, such as rollout.write', fits(GivenPermission))

export const LIKE = value('--like <role>', 'start with all permissions of this role', fits(RoleName))

/** The permissions of the role, without those that no role of one's own may hold. */
export async function permissionsOfRole(
  client: SkerryClient,
  role: RoleName,
  signal: AbortSignal,
): Promise<GivenPermission[]> {
  const { permissions } = await client.role.show({ role }, { signal })
  return permissions.flatMap((permission) => GivenPermission.safeParse(permission).data ?? [])
}

/** The role for people to read. */
export function roleText(style: Style, role: RoleView): string {
  return factsOf(style, [
    ['name', role.name],
    ['kind', role.isBuiltIn ? 'built in' : 'of your own'],
    ['description', role.description],
    ['scope', role.scope ?? 'everywhere'],
    ['may', inGroups(role.permissions)],
    ['held by', heldText(role)],
  ])
}

/** Who has the role, in numbers. */
export const heldText = ({ people, keys, invitations }: RoleView): string =>
  `${people} people, ${keys} keys${invitations > 0 ? `, ${invitations} invitations` : ''}`

/** `device.write`, `device.read` as `device: write, read`. */
function inGroups(permissions: readonly Permission[]): string {
  const groups = Map.groupBy(permissions, (permission) => permission.split('.')[0] ?? '')
  return [...groups].map(([noun, all]) => `${noun} (${all.map((each) => each.split('.')[1]).join(', ')})`).join(' ')
}
