/** Rollout stream: the rollout as the hub tells it at each change, and the devices that changed with it, for as long as it is looked at. */
import { RolloutId } from '@skerry/contract/values/ids'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useConnectionState } from '../../hub/connection-state.ts'
import { hub } from '../../hub/hub-client.ts'
import { sequenceOf } from './rollout-members.ts'
import { rolloutQueries } from './rollout-queries.ts'

/** Follows while it is wanted. A stream that breaks is opened again when the hub is heard again; meanwhile the levels do the rest. */
export function useRolloutStream(id: string, isWanted: boolean): void {
  const client = useQueryClient()
  const isLive = useConnectionState() === 'live'
  useEffect(() => {
    if (!isWanted || !isLive) return
    const stop = new AbortController()
    const follow = async () => {
      const events = await hub.rollout.watch({ rollout: RolloutId.parse(id) }, { signal: stop.signal })
      for await (const rollout of events) {
        client.setQueryData(rolloutQueries.one(id).queryKey, rollout)
        await catchUp(client, id, rollout.sequence)
      }
    }
    follow().catch(() => undefined)
    return () => stop.abort()
  }, [client, id, isWanted, isLive])
}

/** A question that was under way may have been asked before the change: then it is asked once more. */
const QUESTIONS_MAX = 2

async function catchUp(client: QueryClient, id: string, sequence: number): Promise<void> {
  const query = rolloutQueries.members(id)
  for (let asked = 0; asked < QUESTIONS_MAX; asked++) {
    const members = client.getQueryData(query.queryKey)
    if (members && sequenceOf(members) >= sequence) return
    // What goes wrong shows where the devices are shown.
    await client.fetchQuery({ ...query, staleTime: 0 }).catch(() => undefined)
  }
}
