/** Feed place: the systems from which the hub imports. A new one adds a row. */
import type { ModelFeedSpec } from '@skerry/contract/model-feeds/model-feed'
import type { ImportOptions, RemoteSource } from '@skerry/platform/imports/import-host'
import { mlflowSource } from '@skerry/platform/imports/mlflow-source'
import { artefactPlace, ociSource } from '@skerry/platform/imports/oci-source'
import { urlSource } from '@skerry/platform/imports/url-source'

type FeedSystem = {
  form: RegExp
  source: RemoteSource
  /** The address that gets the token. */
  server(spec: ModelFeedSpec): URL
}

const systems: readonly FeedSystem[] = [
  { form: /^models:/i, source: mlflowSource, server: ({ server = '' }) => new URL(server) },
  { form: /^oci:/i, source: ociSource, server: ({ place }) => new URL(`https://${artefactPlace(place).host}`) },
  { form: /^https:/i, source: urlSource, server: ({ place }) => new URL(place) },
]

/** The system of the place. The contract admits no other form. */
export function feedSystem({ place }: ModelFeedSpec): FeedSystem {
  const found = systems.find(({ form }) => form.test(place))
  if (!found) throw new Error(`no system has the place ${place}`)
  return found
}

/** The feed as options of an import. */
export const feedOptions = ({ server, file }: ModelFeedSpec, token: string | undefined): ImportOptions => ({
  digests: new Map(),
  token,
  authorities: undefined,
  server,
  file,
})
