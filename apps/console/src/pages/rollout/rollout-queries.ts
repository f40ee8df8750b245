/** Rollout queries: one rollout, its devices and what happened to it. */
import { RolloutId } from '@skerry/contract/values/ids'
import { infiniteQueryOptions, type QueryClient, queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'
import { mergeChanges, NO_MEMBERS, type RolloutMembers } from './rollout-members.ts'

/** The most that one answer may hold: 10,000 devices are five questions. */
const CHANGES_PAGE = 2_000
const EVENTS_PAGE = 100

export const rolloutQueries = {
  one: (rollout: string) =>
    queryOptions({
      queryKey: ['rollouts', 'one', rollout],
      queryFn: ({ signal }) => hub.rollout.get({ rollout: RolloutId.parse(rollout) }, { signal }),
    }),
  /** Asks for all of them once, and from then on for those that changed. */
  members: (rollout: string) => {
    const queryKey = ['rollouts', 'members', rollout] as const
    return queryOptions({
      queryKey,
      queryFn: ({ client, signal }) => pullMembers(client, { queryKey, rollout: RolloutId.parse(rollout), signal }),
      // Ten thousand rows are not compared one by one: what did not change is the very same object.
      structuralSharing: false,
    })
  },
  events: (rollout: string) =>
    infiniteQueryOptions({
      queryKey: ['rollouts', 'events', rollout],
      queryFn: ({ signal, pageParam }) =>
        hub.rollout.events(
          { rollout: RolloutId.parse(rollout), limit: EVENTS_PAGE, ...(pageParam && { after: pageParam }) },
          { signal },
        ),
      initialPageParam: '',
      getNextPageParam: ({ next }) => next,
    }),
}

type Pull = { queryKey: readonly [string, string, string]; rollout: RolloutId; signal: AbortSignal }

async function pullMembers(client: QueryClient, { queryKey, rollout, signal }: Pull): Promise<RolloutMembers> {
  let members = client.getQueryData<RolloutMembers>(queryKey) ?? NO_MEMBERS
  let isAnew = members === NO_MEMBERS
  while (true) {
    const { rows: before, seen: after } = members
    const wish = { rollout, limit: CHANGES_PAGE, ...(after !== undefined && { after }) }
    const { rows, seen, isMore, devices } = await hub.rollout.changes(wish, { signal })
    members = { rows: rows.length === 0 ? before : mergeChanges(before, rows), seen }
    if (!isMore && (isAnew || members.rows.length === devices)) return members
    if (!isMore) {
      // Some have left: nobody says which, so the list begins anew.
      isAnew = true
      members = NO_MEMBERS
    }
    // Shows the first of many while the rest is on its way.
    if (isMore && client.getQueryData(queryKey) === undefined) client.setQueryData(queryKey, members)
  }
}
