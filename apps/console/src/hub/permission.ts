/** Permission: the permissions of the signed-in person. A page marks the actions that they do not have. */
import { procedureMeta } from '@skerry/contract/api/procedure-meta'
import type { Permission } from '@skerry/contract/people/permissions'
import { useQuery } from '@tanstack/react-query'
import { texts } from '../texts/english.ts'
import { queries } from './queries.ts'

/** Undefined if it is allowed; else a text that names the missing permission. */
export function useMissing(permission: Permission): string | undefined {
  const { data } = useQuery(queries.me())
  if (data === undefined) return texts.common.loading
  return data.permissions.includes(permission)
    ? undefined
    : texts.common.missingPermission(permission, data.roles.join(', '))
}

/**
 * The reason why the hub would reject every call of a procedure: a missing permission, or a scope that does not fit.
 */
export function useRefusal(permission: Permission, procedure: string): string | undefined {
  const missing = useMissing(permission)
  const scope = useQuery(queries.me()).data?.scope
  if (missing !== undefined || scope === undefined) return missing
  return procedureMeta(procedure)?.scope === 'none' ? texts.common.outOfScope(scope) : undefined
}
