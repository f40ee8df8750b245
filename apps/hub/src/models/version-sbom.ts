/** Version SBOM: the document of core, named after the version that it is of. */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import { modelSbom } from '@skerry/core/models/model-sbom'
import { digestOf, hexOf } from '@skerry/platform/files/hash'

/** The same at any time, on any hub of the same version. */
export function sbomOf(version: ModelVersionDetail, hubVersion: string): ModelSbom {
  const uuid = uuidOf(hexOf(digestOf(`skerry sbom\n${version.id}\n${version.digest}`)))
  return modelSbom({ version, uuid, timestamp: new Date(version.createdAtMs).toISOString(), hubVersion })
}

/** [RFC 9562, 5.8] Version 8: bits of our own choice, here of a hash. */
const uuidOf = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
