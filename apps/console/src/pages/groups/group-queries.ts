/** Group queries: the requests of the pages of groups. */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

export const groupQueries = {
  list: () =>
    queryOptions({
      queryKey: ['deployments', 'groups'],
      queryFn: ({ signal }) => allRows((page) => hub.group.list(page, { signal })),
    }),
  /** Its members follow labels and facts of devices. */
  one: (group: string) =>
    queryOptions({
      queryKey: ['devices', 'groups', group],
      queryFn: ({ signal }) => hub.group.get({ group }, { signal }),
    }),
  /** The devices that would join and leave. It changes nothing. */
  plan: (group: string, selector: string) =>
    queryOptions({
      queryKey: ['devices', 'groups', group, 'plan', selector],
      queryFn: ({ signal }) => hub.group.plan({ group, spec: { selector } }, { signal }),
      retry: false,
    }),
}
