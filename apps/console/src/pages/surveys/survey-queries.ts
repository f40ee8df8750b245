/** Survey queries: the requests of the pages of surveys. */
import { allRows } from '@skerry/client/page'
import { isCampaignOver } from '@skerry/contract/campaigns/campaign'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** A survey takes seconds. Its reports are no actions of people, so no event announces them. */
const LOOK_AGAIN_MS = 2_000

export const surveyQueries = {
  list: () =>
    queryOptions({
      queryKey: ['models', 'surveys'],
      queryFn: ({ signal }) => allRows((page) => hub.survey.list(page, { signal })),
      refetchInterval: ({ state }) => (state.data?.some(({ phase }) => !isCampaignOver(phase)) ? LOOK_AGAIN_MS : false),
    }),
  one: (name: string) =>
    queryOptions({
      queryKey: ['models', 'surveys', name],
      queryFn: ({ signal }) => hub.survey.get({ name }, { signal }),
      refetchInterval: ({ state }) => (state.data && isCampaignOver(state.data.survey.phase) ? false : LOOK_AGAIN_MS),
    }),
}
