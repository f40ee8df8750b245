/** Comparison query: the outputs of two versions on the same golden inputs. Versions never change, nor does this. */
import { compareOutputs } from '@skerry/client/compare-outputs'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { hub } from '../../../../hub/hub-client.ts'
import { modelQueries } from '../../model-queries.ts'

export type Pair = { from: ModelVersionDetail; to: ModelVersionDetail }

/** `mayRun` is whether the person may have the hub run a version. */
export const comparisonQuery = ({ from, to }: Pair, mayRun: boolean) =>
  queryOptions({
    queryKey: ['blobs', 'comparison', from.id, to.id, mayRun],
    queryFn: async ({ signal, client }) => {
      const [before, after] = await Promise.all([goldenOf(client, from), goldenOf(client, to)])
      const run = (which: 'from' | 'to') => {
        const [runs, given] = which === 'from' ? [from, to] : [to, from]
        const request = { name: runs.name, version: String(runs.version), inputsOf: String(given.version) }
        return hub.model.compare(request, { signal })
      }
      const comparison = await compareOutputs({ from: before, to: after, run: mayRun ? run : undefined }, signal)
      return comparison ?? null
    },
    // A run takes the hub some seconds, and gives the same answer each time.
    retry: false,
  })

async function goldenOf(client: QueryClient, { files }: ModelVersionDetail) {
  const digest = files.find(({ path }) => path === GOLDEN_PATH)?.digest
  return digest === undefined ? undefined : client.ensureQueryData(modelQueries.golden(digest))
}
