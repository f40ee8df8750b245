/** Permission diff: the permissions that a person has to accept, now and at an upgrade. */
import type { PermissionDiff } from '@skerry/contract/market/installation'
import type { ListingPermission } from '@skerry/contract/market/listing'

/** The permission as people accept it: `write-tag pump-plc/alarm`. */
export const permissionKey = ({ access, target }: Pick<ListingPermission, 'access' | 'target'>): string =>
  `${access} ${target}`

/** Compares the asked permissions with the accepted ones. A permission that changed its target is a new one. */
export function permissionDiff(asked: readonly ListingPermission[], accepted: readonly string[]): PermissionDiff {
  const keys = new Set(asked.map(permissionKey))
  return {
    asked: [...asked],
    unaccepted: asked.filter((permission) => !accepted.includes(permissionKey(permission))),
    dropped: accepted.filter((key) => !keys.has(key)),
  }
}
