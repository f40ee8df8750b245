/**
 * Flow queries: the requests that only the pages of flows send. Each key begins with a noun. A change of that
 * noun's level triggers the next fetch.
 */
import { requestBytes } from '@skerry/client/connection'
import type { Digest } from '@skerry/contract/values/digest'
import { queryOptions } from '@tanstack/react-query'
import { connection, hub } from '../../hub/hub-client.ts'

/** The page shows this many devices of a deployment, one screen. The deployment's own page shows all. */
export const REACHED_MAX = 100

export const flowQueries = {
  /** The names of the devices that a deployment reaches, or the first of them if there are many. */
  reached: (selector: string) =>
    queryOptions({
      queryKey: ['devices', 'reached', selector],
      queryFn: async ({ signal }) => {
        const { rows } = await hub.device.list({ selector, limit: REACHED_MAX }, { signal })
        return rows.map(({ name }) => name)
      },
    }),
}

/** A whole file of a version. */
export const fileOfVersion = async (digest: Digest, signal: AbortSignal): Promise<Blob> =>
  (await requestBytes(connection, { route: 'downloadBlob', parameters: { digest } }, signal)).blob()
