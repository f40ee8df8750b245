/**
 * Model queries: the requests of the pages about one model. Each key begins with the noun whose level reports changes.
 */
import { requestBytes } from '@skerry/client/connection'
import { allRows } from '@skerry/client/page'
import { Golden } from '@skerry/contract/devices/golden'
import { DeviceId } from '@skerry/contract/values/ids'
import { queryOptions } from '@tanstack/react-query'
import { connection, hub } from '../../hub/hub-client.ts'

/** One screen of the versions that derive from this one. The API has all of them. */
const DESCENDANTS_SHOWN = 12

/**
 * Devices whose reports describe a version on the page of its model. The median of 200 devices changes little with
 * more, and the page of the version has all of them.
 */
export const SERVING_SAMPLE = 200

export const modelQueries = {
  versions: (model: string) =>
    queryOptions({
      queryKey: ['models', 'versions', model],
      queryFn: ({ signal }) => allRows((page) => hub.model.versions({ ...page, name: model }, { signal })),
    }),
  /** Devices by version. They change when devices report, not when models change. */
  serving: (model: string) =>
    queryOptions({
      queryKey: ['devices', 'serving-counts', model],
      queryFn: async ({ signal }) => {
        const { rows } = await hub.model.serving({ name: model }, { signal })
        return new Map(rows.map((row) => [row.version, row]))
      },
    }),
  servingDevices: (model: string, version: string) =>
    queryOptions({
      queryKey: ['devices', 'serving', model, version],
      queryFn: ({ signal }) =>
        allRows(({ limit, after }) =>
          hub.model.servingDevices(
            { name: model, version, limit, ...(after !== undefined && { after: DeviceId.parse(after) }) },
            { signal },
          ),
        ),
    }),
  /** The first devices that serve a version. */
  servingSample: (model: string, version: string) =>
    queryOptions({
      queryKey: ['devices', 'serving-sample', model, version],
      queryFn: async ({ signal }) =>
        (await hub.model.servingDevices({ name: model, version, limit: SERVING_SAMPLE }, { signal })).rows,
    }),
  descendants: (model: string, version: string) =>
    queryOptions({
      queryKey: ['models', 'descendants', model, version],
      queryFn: ({ signal }) => hub.model.descendants({ name: model, version, limit: DESCENDANTS_SHOWN }, { signal }),
    }),
  /** The name is the digest of the content, so the content never changes. */
  golden: (digest: string) =>
    queryOptions({
      queryKey: ['blobs', 'golden', digest],
      queryFn: async ({ signal }) => {
        const response = await requestBytes(connection, { route: 'downloadBlob', parameters: { digest } }, signal)
        return Golden.parse(await response.json())
      },
    }),
  /** The keys whose signatures count, and the rules that require them. Both change with the keys. */
  signingKeys: () =>
    queryOptions({
      queryKey: ['keys', 'signing'],
      queryFn: async ({ signal }) => (await hub.signingKey.list({}, { signal })).keys,
    }),
  trustPolicy: () =>
    queryOptions({ queryKey: ['keys', 'trust'], queryFn: ({ signal }) => hub.trust.get({}, { signal }) }),
  /** They change with the keys, with the rules, and when somebody attaches a result. */
  versionTests: (model: string, version: string) =>
    queryOptions({
      queryKey: ['models', 'tests', model, version],
      queryFn: ({ signal }) => hub.testReport.list({ name: model, version }, { signal }),
    }),
  versionTrust: (model: string, version: string) =>
    queryOptions({
      queryKey: ['models', 'trust', model, version],
      queryFn: ({ signal }) => hub.trust.ofVersion({ name: model, version }, { signal }),
    }),
}
