/** Place queries: the requests of the placement card. */
import type { WhatIf } from '@skerry/contract/places/placement'
import { Name } from '@skerry/contract/values/names'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** Silence raises no event, so the card asks again after this time. */
const AGAIN_MS = 10_000

export const placeQueries = {
  decision: (deployment: string) =>
    queryOptions({
      queryKey: ['deployments', deployment, 'placement'],
      queryFn: ({ signal }) => hub.placement.explain({ deployment: Name.parse(deployment) }, { signal }),
      refetchInterval: AGAIN_MS,
    }),
  whatIf: (deployment: string, change: WhatIf) =>
    queryOptions({
      queryKey: ['deployments', deployment, 'placement', change],
      queryFn: ({ signal }) => hub.placement.whatIf({ deployment: Name.parse(deployment), change }, { signal }),
    }),
}
