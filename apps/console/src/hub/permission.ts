/** Permission: what whoever is signed in may do, so that what it may not is shown as such. */
import { procedureMeta } from '@skerry/contract/api/procedure-meta'
import type { Permission } from '@skerry/contract/people/permissions'
import { useQuery } from '@tanstack/react-query'
import { texts } from '../texts/english.ts'
import { queries } from './queries.ts'

/** Undefined where it is allowed; else the words that say which permission is missing. */
export function useMissing(permission: Permission): string | undefined {
  const { data } = useQuery(queries.me())
  if (data === undefined) return texts.common.loading
  return data.permissions.includes(permission)
    ? undefined
    : texts.common.missingPermission(permission, data.roles.join(', '))
}

/** Why a procedure is refused whatever it is asked: a permission that is missing, or a scope that it does not fit into. */
export function useRefusal(permission: Permission, procedure: string): string | undefined {
  const missing = useMissing(permission)
  const scope = useQuery(queries.me()).data?.scope
  if (missing !== undefined || scope === undefined) return missing
  return procedureMeta(procedure)?.scope === 'none' ? texts.common.outOfScope(scope) : undefined
}
