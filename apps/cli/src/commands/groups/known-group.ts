import type { SkerryClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import type { GroupDetail } from '@skerry/contract/groups/group'

/** Undefined if there is no group of the name. */
export async function knownGroup(
  client: SkerryClient,
  group: string,
  signal: AbortSignal,
): Promise<GroupDetail | undefined> {
  try {
    return await client.group.get({ group }, { signal })
  } catch (error) {
    if (problemOf(error).code === 'group_unknown') return undefined
    throw error
  }
}
