/** Permission: what the key behind the session may do, so that what it may not is shown as such. */
import type { Permission } from '@skerry/contract/permissions'
import { useQuery } from '@tanstack/react-query'
import { texts } from '../texts/english.ts'
import { queries } from './queries.ts'

/** Undefined where it is allowed; else the words that say which permission is missing. */
export function useMissing(permission: Permission): string | undefined {
  const { data } = useQuery(queries.me())
  if (data === undefined) return texts.common.loading
  return data.permissions.includes(permission) ? undefined : texts.common.missingPermission(permission, data.role)
}
