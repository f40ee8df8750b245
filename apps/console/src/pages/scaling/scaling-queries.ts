/** Scaling queries: the request of the scaling card. */
import { Name } from '@skerry/contract/values/names'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** A changed number raises no event, so the card asks again after this time. */
const AGAIN_MS = 5_000

export const scalingQueries = {
  decision: (deployment: string) =>
    queryOptions({
      queryKey: ['deployments', deployment, 'scaling'],
      queryFn: ({ signal }) => hub.scaling.explain({ deployment: Name.parse(deployment) }, { signal }),
      refetchInterval: AGAIN_MS,
    }),
  schedule: (deployment: string, timeZone: string) =>
    queryOptions({
      queryKey: ['deployments', deployment, 'scaling', 'schedule', timeZone],
      queryFn: ({ signal }) => hub.scaling.learn({ deployment: Name.parse(deployment), timeZone }, { signal }),
    }),
}
