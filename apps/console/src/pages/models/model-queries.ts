/** Model queries: what the pages about one model ask, under keys that begin with the noun whose level tells of changes. */
import { requestBytes } from '@skerry/client/connection'
import { allRows } from '@skerry/client/page'
import { Golden } from '@skerry/contract/devices/golden'
import { DeviceId } from '@skerry/contract/values/ids'
import { queryOptions } from '@tanstack/react-query'
import { connection, hub } from '../../hub/hub-client.ts'

/** A screen of what was made from a version; the API has them all. */
const DESCENDANTS_SHOWN = 12

export const modelQueries = {
  versions: (model: string) =>
    queryOptions({
      queryKey: ['models', 'versions', model],
      queryFn: ({ signal }) => allRows((page) => hub.model.versions({ ...page, model }, { signal })),
    }),
  /** Devices by version: they change when devices report, not when models do. */
  serving: (model: string) =>
    queryOptions({
      queryKey: ['devices', 'serving-counts', model],
      queryFn: async ({ signal }) => {
        const { rows } = await hub.model.serving({ model }, { signal })
        return new Map(rows.map(({ version, devices }) => [version, devices]))
      },
    }),
  servingDevices: (model: string, version: string) =>
    queryOptions({
      queryKey: ['devices', 'serving', model, version],
      queryFn: ({ signal }) =>
        allRows(({ limit, after }) =>
          hub.model.servingDevices(
            { model, version, limit, ...(after !== undefined && { after: DeviceId.parse(after) }) },
            { signal },
          ),
        ),
    }),
  descendants: (model: string, version: string) =>
    queryOptions({
      queryKey: ['models', 'descendants', model, version],
      queryFn: ({ signal }) => hub.model.descendants({ model, version, limit: DESCENDANTS_SHOWN }, { signal }),
    }),
  /** The name is the content, so it never changes. */
  golden: (digest: string) =>
    queryOptions({
      queryKey: ['blobs', 'golden', digest],
      queryFn: async ({ signal }) => {
        const response = await requestBytes(connection, { route: 'downloadBlob', parameters: { digest } }, signal)
        return Golden.parse(await response.json())
      },
    }),
  /** The keys whose signatures count, and the rules that ask for them: they change with the keys. */
  signingKeys: () =>
    queryOptions({
      queryKey: ['keys', 'signing'],
      queryFn: async ({ signal }) => (await hub.signingKey.list({}, { signal })).keys,
    }),
  trustPolicy: () =>
    queryOptions({ queryKey: ['keys', 'trust'], queryFn: ({ signal }) => hub.trust.get({}, { signal }) }),
  versionTrust: (model: string, version: string) =>
    queryOptions({
      queryKey: ['models', 'trust', model, version],
      queryFn: ({ signal }) => hub.trust.ofVersion({ model, version }, { signal }),
    }),
}
