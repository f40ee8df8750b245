/**
 * Rollout stream: the rollout as the hub sends it at each change, and its changed devices, as long as somebody looks at
 * it.
 */
import { RolloutId } from '@skerry/contract/values/ids'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useConnectionState } from '../../hub/connection-state.ts'
import { hub } from '../../hub/hub-client.ts'
import { useIsHidden } from '../../hub/use-watch.ts'
import { whileShown } from '../../hub/while-shown.ts'
import { sequenceOf } from './rollout-members.ts'
import { rolloutQueries } from './rollout-queries.ts'

/**
 * Follows while it is wanted and the tab is visible. A broken stream opens again when the hub answers again. Without
 * the stream, the levels trigger the updates.
 */
export function useRolloutStream(id: string, isWanted: boolean): void {
  const client = useQueryClient()
  const isLive = useConnectionState() === 'live'
  const isHidden = useIsHidden()
  useEffect(() => {
    if (!isWanted || !isLive || isHidden) return
    const follow = async (signal: AbortSignal) => {
      const events = await hub.rollout.watch({ rollout: RolloutId.parse(id) }, { signal })
      for await (const rollout of events) {
        client.setQueryData(rolloutQueries.one(id).queryKey, rollout)
        await catchUp(client, id, rollout.sequence)
      }
    }
    return whileShown((signal) => void follow(signal).catch(() => undefined))
  }, [client, id, isWanted, isLive, isHidden])
}

/** A running request may be older than the change. Then it is repeated once. */
const QUESTIONS_MAX = 2

async function catchUp(client: QueryClient, id: string, sequence: number): Promise<void> {
  const query = rolloutQueries.members(id)
  for (let asked = 0; asked < QUESTIONS_MAX; asked++) {
    const members = client.getQueryData(query.queryKey)
    if (members && sequenceOf(members) >= sequence) return
    // The list of devices shows the error.
    await client.fetchQuery({ ...query, staleTime: 0 }).catch(() => undefined)
  }
}
