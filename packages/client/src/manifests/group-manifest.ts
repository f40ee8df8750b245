/** Group manifest: a group as the document that "skerry apply" takes, and the effect of its change in words. */
import type { Group, GroupPlan } from '@skerry/contract/groups/group'
import { MANIFEST_VERSION } from '@skerry/core/deployments/deployment-manifest'

/** The group as the document that "skerry apply" takes. */
export const groupManifest = ({ name, spec }: Pick<Group, 'name' | 'spec'>) =>
  ({ apiVersion: MANIFEST_VERSION, kind: 'Group', metadata: { name }, spec }) as const

/** The effect on all that uses the group, for a confirmation; undefined if there is none. */
export function movesText(name: string, { joins, leaves, uses }: GroupPlan): string | undefined {
  if (uses.length === 0 || joins.count + leaves.count === 0) return undefined
  return `let ${joins.count} join and ${leaves.count} leave all that uses the group ${name}`
}
