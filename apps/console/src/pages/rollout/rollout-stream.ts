/** Rollout stream: the rollout as the hub tells it at each change, for as long as it is looked at. The levels of the page do the rest. */
import { RolloutId } from '@skerry/contract/ids'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { hub } from '../../hub/hub-client.ts'
import { queries } from '../../hub/queries.ts'

/** Follows while it is wanted. A stream that breaks is not opened again here: the levels notice, and ask anew. */
export function useRolloutStream(id: string, isWanted: boolean): void {
  const client = useQueryClient()
  useEffect(() => {
    if (!isWanted) return
    const stop = new AbortController()
    const follow = async () => {
      const events = await hub.rollout.watch({ rollout: RolloutId.parse(id) }, { signal: stop.signal })
      for await (const rollout of events) {
        client.setQueryData(queries.rollout(id).queryKey, rollout)
        void client.invalidateQueries({ queryKey: queries.rolloutDevices(id).queryKey }, { cancelRefetch: false })
      }
    }
    follow().catch(() => undefined)
    return () => stop.abort()
  }, [client, id, isWanted])
}
