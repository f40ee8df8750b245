/** Role name: what a role is called on a page. Those of an organisation's own are called as they are. */
import { Role } from '@skerry/contract/people/permissions'
import type { RoleName } from '@skerry/contract/people/role'
import { settingsTexts } from '../english-settings.ts'

export function roleName(role: RoleName): string {
  const builtIn = Role.safeParse(role)
  return builtIn.success ? settingsTexts.keys.roles[builtIn.data] : role
}
