/** Rollout reference: a rollout by its id, or the newest one of a deployment by the deployment's name. */
import type { SkerryClient } from '@skerry/client/client'
import { RolloutId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { fits, required } from '../../program/command.ts'

type RolloutReference = { id: RolloutId } | { deployment: Name }

/** The argument of all commands on one rollout. */
export const ROLLOUT = required(
  '<rollout>',
  'id of the rollout, or name of its deployment',
  (text): RolloutReference => {
    const id = RolloutId.safeParse(text)
    return id.success ? { id: id.data } : { deployment: fits(Name)(text) }
  },
)

/** The id that the reference means now. */
export async function findRollout(
  client: SkerryClient,
  reference: RolloutReference,
  signal: AbortSignal,
): Promise<RolloutId> {
  if ('id' in reference) return reference.id
  return (await client.deployment.get(reference, { signal })).rolloutId
}
