/** Git source queries: the requests of the pages of Git sources. */
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** A synchronisation that a person started shows its outcome soon. */
const LOOK_MS = 3_000

export const gitSourceQueries = {
  list: () =>
    queryOptions({
      queryKey: ['deployments', 'git-sources'],
      queryFn: ({ signal }) => hub.gitSource.list({}, { signal }),
      refetchInterval: LOOK_MS,
    }),
  one: (name: string) =>
    queryOptions({
      queryKey: ['deployments', 'git-sources', name],
      queryFn: ({ signal }) => hub.gitSource.get({ name }, { signal }),
      refetchInterval: LOOK_MS,
    }),
  roles: () => queryOptions({ queryKey: ['roles'], queryFn: ({ signal }) => hub.role.list({}, { signal }) }),
}
