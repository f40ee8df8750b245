/** Role name: the name of a role on a page. Custom roles keep their own names. */
import { Role } from '@skerry/contract/people/permissions'
import type { RoleName } from '@skerry/contract/people/role'
import { settingsTexts } from '../english-settings.ts'

export function roleName(role: RoleName): string {
  const builtIn = Role.safeParse(role)
  return builtIn.success ? settingsTexts.keys.roles[builtIn.data] : role
}
