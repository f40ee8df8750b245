/** Flow queries: what only the pages of flows ask. Keys begin with the noun whose level says when to ask again. */
import { requestBytes } from '@skerry/client/connection'
import type { Digest } from '@skerry/contract/values/digest'
import { queryOptions } from '@tanstack/react-query'
import { connection, hub } from '../../hub/hub-client.ts'

/** Of a deployment: a screen of a fleet; its own page has them all. */
export const REACHED_MAX = 100

export const flowQueries = {
  /** The names of the devices that a deployment reaches, the first of them where they are many. */
  reached: (selector: string) =>
    queryOptions({
      queryKey: ['devices', 'reached', selector],
      queryFn: async ({ signal }) => {
        const { rows } = await hub.device.list({ selector, limit: REACHED_MAX }, { signal })
        return rows.map(({ name }) => name)
      },
    }),
}

/** A file of a version, whole. */
export const fileOfVersion = async (digest: Digest, signal: AbortSignal): Promise<Blob> =>
  (await requestBytes(connection, { route: 'downloadBlob', parameters: { digest } }, signal)).blob()
