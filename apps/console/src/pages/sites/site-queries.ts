/**
 * Site queries: the requests of the pages of sites. Each key begins with a noun. A change of that noun's
 * level triggers the next fetch.
 */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

export const siteQueries = {
  site: (site: string) =>
    queryOptions({ queryKey: ['sites', 'one', site], queryFn: ({ signal }) => hub.site.get({ site }, { signal }) }),
  devices: (site: string) =>
    queryOptions({
      queryKey: ['devices', 'site', site],
      queryFn: ({ signal }) => allRows((page) => hub.device.list({ ...page, site }, { signal })),
    }),
  rollouts: (site: string) =>
    queryOptions({
      queryKey: ['rollouts', 'site', site],
      queryFn: async ({ signal }) => (await hub.site.rollouts({ site }, { signal })).rows,
    }),
}
