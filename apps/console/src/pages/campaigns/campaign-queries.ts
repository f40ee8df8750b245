/** Campaign queries: the requests of the pages of campaigns. */
import { allRows } from '@skerry/client/page'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** A round takes seconds at least. Its reports are no actions of people, so no event announces them. */
const LOOK_AGAIN_MS = 2_000

const OVER: readonly string[] = ['done', 'failed', 'stopped']

export const campaignQueries = {
  list: () =>
    queryOptions({
      queryKey: ['models', 'campaigns'],
      queryFn: ({ signal }) => allRows((page) => hub.campaign.list(page, { signal })),
      refetchInterval: ({ state }) => (state.data?.some(({ phase }) => !OVER.includes(phase)) ? LOOK_AGAIN_MS : false),
    }),
  one: (name: string) =>
    queryOptions({
      queryKey: ['models', 'campaigns', name],
      queryFn: ({ signal }) => hub.campaign.get({ name }, { signal }),
      refetchInterval: ({ state }) => (OVER.includes(state.data?.campaign.phase ?? '') ? false : LOOK_AGAIN_MS),
    }),
  participants: (name: string, round: number, isOver: boolean) =>
    queryOptions({
      queryKey: ['models', 'campaigns', name, 'participants', round],
      queryFn: ({ signal }) => hub.campaign.participants({ name, round }, { signal }),
      refetchInterval: isOver ? false : LOOK_AGAIN_MS,
      placeholderData: keepPreviousData,
      // A caller with a scope may not see all devices.
      retry: false,
    }),
}
