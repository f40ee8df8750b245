/**
 * Build SBOM: a build as a CycloneDX document, made from that of its version. It keeps the licence, the tensors and the
 * labels of the version, and has files, origin and tools of its own. The operators of the version are left out, because the
 * recipe has rewritten them.
 */
import type { Build } from '@skerry/contract/builds/build'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import { fileRole, hashesOf, own } from './model-sbom.ts'

export type BuildSbomFacts = {
  /** The document of its version. */
  whole: ModelSbom
  build: Build
  /** Names the document: the same for the same build. */
  uuid: string
  /** When the build was made, in ISO 8601. */
  timestamp: string
}

export function buildSbom({ whole, build, uuid, timestamp }: BuildSbomFacts): ModelSbom {
  const { pedigree: _pedigree, externalReferences: _references, ...component } = whole.metadata.component
  const ref = `${component['bom-ref']}?build=${build.id}`
  const files = build.files.map(({ path, digest, sizeBytes }) => ({
    type: 'file' as const,
    'bom-ref': `${ref}#${path}`,
    name: path,
    hashes: hashesOf(digest),
    properties: [own('file:sizeBytes', sizeBytes), own('file:role', fileRole(path))],
  }))
  const { type, name, version, hashes } = component
  return {
    ...whole,
    serialNumber: `urn:uuid:${uuid}`,
    metadata: {
      ...whole.metadata,
      timestamp,
      component: {
        ...component,
        'bom-ref': ref,
        hashes: hashesOf(build.digest),
        pedigree: { ancestors: [{ type, name, version, hashes }] },
        properties: [...component.properties.filter((each) => isKept(each.name)), ...originOf(build)],
      },
    },
    components: [...files, ...toolsOf(build, ref)],
    dependencies: [
      { ref, dependsOn: files.map((file) => file['bom-ref']) },
      ...files.map((file) => ({ ref: file['bom-ref'], dependsOn: [] })),
    ],
  }
}

const isKept = (name: string): boolean => /^skerry:model:(?:format$|goldenCases$|label:)/.test(name)

const originOf = ({ id, recipe, calibration, returned }: Build) => [
  own('build', id),
  own('build:recipe', recipe),
  ...(calibration
    ? [own('build:calibration', `${calibration.digest} (${calibration.origin}, ${calibration.rows} rows)`)]
    : []),
  ...(returned === undefined ? [] : [own('build:returned', returned)]),
]

/** The programs that made the build. */
const toolsOf = ({ tools = {} }: Build, ref: string): ModelSbom['components'] =>
  Object.entries(tools).map(([name, version]) => ({
    type: 'application',
    'bom-ref': `${ref}#tool:${name}`,
    name,
    version,
    properties: [own('role', 'producer')],
  }))
