/**
 * Queries: everything that pages fetch from the hub, under keys that begin with the noun. Data counts as fresh until
 * the level of its noun rises (live-updates.ts). Nothing is fetched on a timer.
 */
import { allRows, eachRow } from '@skerry/client/page'
import type { Device } from '@skerry/contract/devices/device'
import { queryOptions } from '@tanstack/react-query'
import { siteStatesOf } from '../pages/sites/site-states.ts'
import { hub } from './hub-client.ts'
import { showOrganisation } from './shown-organisation.ts'

export const queries = {
  me: () =>
    queryOptions({
      queryKey: ['me'],
      queryFn: async ({ signal }) => {
        const me = await hub.hub.me({}, { signal })
        showOrganisation(me.organisation)
        return me
      },
    }),
  about: () => queryOptions({ queryKey: ['about'], queryFn: ({ signal }) => hub.hub.about({}, { signal }) }),
  status: () => queryOptions({ queryKey: ['status'], queryFn: ({ signal }) => hub.hub.status({}, { signal }) }),
  siteStates: () =>
    queryOptions({
      queryKey: ['sites', 'states'],
      queryFn: async ({ signal, client }) => {
        const { scope } = await client.ensureQueryData(queries.me())
        if (scope === undefined) return await allRows((page) => hub.site.states(page, { signal }))
        // The hub counts only whole sites. A person who sees only some devices gets the count of those.
        const [sites, devices] = await Promise.all([
          allRows((page) => hub.site.list(page, { signal })),
          allRows((page) => hub.device.list(page, { signal })),
        ])
        return siteStatesOf(sites, devices)
      },
    }),
  sites: () =>
    queryOptions({
      queryKey: ['sites', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.site.list(page, { signal })),
    }),
  /** Shows the first pages of a large fleet while the rest is loading. */
  devices: (filter: string | undefined) => {
    const queryKey = ['devices', 'list', filter ?? '']
    return queryOptions({
      queryKey,
      queryFn: async ({ signal, client }) => {
        const isFirst = client.getQueryData(queryKey) === undefined
        const rows: Device[] = []
        const list = (page: { limit: number; after?: string }) =>
          hub.device.list({ ...page, ...(filter !== undefined && { filter }) }, { signal })
        for await (const row of eachRow(list)) {
          rows.push(row)
          if (isFirst && rows.length % 500 === 0) client.setQueryData(queryKey, [...rows])
        }
        return rows
      },
      retry: false,
    })
  },
  device: (device: string) =>
    queryOptions({
      queryKey: ['devices', 'one', device],
      queryFn: ({ signal }) => hub.device.get({ device }, { signal }),
    }),
  models: () =>
    queryOptions({
      queryKey: ['models', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.model.list(page, { signal })),
    }),
  model: (model: string) =>
    queryOptions({
      queryKey: ['models', 'one', model],
      queryFn: ({ signal }) => hub.model.get({ name: model }, { signal }),
    }),
  version: (model: string, version: string) =>
    queryOptions({
      queryKey: ['models', 'version', model, version],
      queryFn: ({ signal }) => hub.model.getVersion({ name: model, version }, { signal }),
    }),
  deployments: () =>
    queryOptions({
      queryKey: ['deployments', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.deployment.list(page, { signal })),
    }),
  rollouts: () =>
    queryOptions({
      queryKey: ['rollouts', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.rollout.list(page, { signal })),
    }),
  keys: () =>
    queryOptions({
      queryKey: ['keys', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.key.list(page, { signal })),
    }),
  tokens: () =>
    queryOptions({
      queryKey: ['tokens', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.token.list(page, { signal })),
    }),
}
