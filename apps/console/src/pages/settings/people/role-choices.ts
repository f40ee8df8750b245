/** Role choices: which roles there are to give, and which of them go beyond what whoever is signed in may do. */
import { builtInRolesOf } from '@skerry/contract/people/organisation'
import { type Permission, permissionsOf } from '@skerry/contract/people/permissions'
import type { RoleName } from '@skerry/contract/people/role'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { queries } from '../../../hub/queries.ts'
import { peopleTexts } from './english-people.ts'
import { peopleQueries } from './people-queries.ts'
import { roleName } from './role-name.ts'

export type RoleChoice = {
  role: RoleName
  name: string
  /** Why it may not be given or taken. */
  blocked: string | undefined
}

/** All of them. The hub judges again: this only says so before it is asked. */
export function useRoleChoices(): RoleChoice[] {
  const { data: me } = useQuery(queries.me())
  const mayRead = me?.permissions.includes('role.read') ?? false
  const { data: ownRoles } = useQuery({ ...peopleQueries.roles(), enabled: mayRead })
  return useMemo(() => {
    const own = me?.permissions ?? []
    const choiceOf = (role: RoleName, permissions: readonly Permission[]) => {
      const name = roleName(role)
      const isWithin = permissions.every((permission) => own.includes(permission))
      return { role, name, blocked: isWithin ? undefined : peopleTexts.person.beyond(name) }
    }
    const builtIn = builtInRolesOf(me?.organisation ?? '').map((role) => choiceOf(role, permissionsOf[role]))
    const others = (ownRoles ?? []).filter(({ isBuiltIn }) => !isBuiltIn)
    return [...builtIn, ...others.map(({ name, permissions }) => choiceOf(name, permissions))]
  }, [me, ownRoles])
}
