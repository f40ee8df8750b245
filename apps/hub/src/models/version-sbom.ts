/** Version SBOM: the document that core makes, with the version's name. */
import type { Build } from '@skerry/contract/builds/build'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import { buildSbom } from '@skerry/core/models/build-sbom'
import { modelSbom } from '@skerry/core/models/model-sbom'
import { digestOf, hexOf } from '@skerry/platform/files/hash'

/** The document is the same at any time, on any hub of the same version. */
export function sbomOf(version: ModelVersionDetail, hubVersion: string): ModelSbom {
  const uuid = uuidOf(hexOf(digestOf(`skerry sbom\n${version.id}\n${version.digest}`)))
  return modelSbom({ version, uuid, timestamp: new Date(version.createdAtMs).toISOString(), hubVersion })
}

/** The same for a build of the version. */
export function sbomOfBuild(whole: ModelSbom, build: Build): ModelSbom {
  const uuid = uuidOf(hexOf(digestOf(`skerry sbom\n${build.id}\n${build.digest}`)))
  return buildSbom({ whole, build, uuid, timestamp: new Date(build.createdAtMs).toISOString() })
}

/** [RFC 9562, 5.8] Version 8 has free bits, which are taken from a hash here. */
const uuidOf = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
