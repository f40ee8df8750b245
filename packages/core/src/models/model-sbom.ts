/**
 * Model SBOM: a version of a model as a CycloneDX document: its files by digest, the facts for a runtime, and its
 * origin. The same version gives the same bytes at any time. It states facts that the hub knows. The licence and the
 * lineage are statements of the person who pushed.
 */

import { MODEL_PATH } from '@skerry/contract/kinds/model'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { ModelSbom } from '@skerry/contract/models/sbom'
import type { TensorSpec } from '@skerry/contract/models/tensor'

export type SbomFacts = {
  version: ModelVersionDetail
  /** Names the document: the same for the same version. */
  uuid: string
  /** When the version was made, in ISO 8601. */
  timestamp: string
  /** The version of the hub that writes the document. */
  hubVersion: string
}

type Property = { name: string; value: string }

/** [CycloneDX property taxonomy] A namespace of our own, for values without a field in the standard. */
export const own = (name: string, value: string | number): Property => ({
  name: `skerry:model:${name}`,
  value: String(value),
})

export function modelSbom({ version, uuid, timestamp, hubVersion }: SbomFacts): ModelSbom {
  const ref = refOf(version)
  const files = version.files.map(({ path, digest, sizeBytes }) => ({
    type: 'file' as const,
    'bom-ref': `${ref}#${path}`,
    name: path,
    hashes: hashesOf(digest),
    properties: [own('file:sizeBytes', sizeBytes), own('file:role', fileRole(path))],
  }))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: {
      timestamp,
      tools: { components: [{ type: 'application', name: 'skerry', version: hubVersion }] },
      component: { ...componentOf(version), 'bom-ref': ref },
    },
    components: [...files, ...producerOf(version)],
    dependencies: [
      { ref, dependsOn: files.map((file) => file['bom-ref']) },
      ...files.map((file) => ({ ref: file['bom-ref'], dependsOn: [] })),
    ],
  }
}

/** [package-url] `generic` is for packages without a registry. */
const refOf = ({ name, version }: { name: string; version: number }) => `pkg:generic/${name}@${version}`

/** A digest in the form of the standard. */
export const hashesOf = (digest: string) => [{ alg: 'SHA-256' as const, content: digest.replace('sha256:', '') }]

/** The use of a file of a version or a build. */
export function fileRole(path: string): string {
  if (path === MODEL_PATH) return 'model'
  return path === 'golden.json' ? 'golden-cases' : 'external-data'
}

function componentOf(version: ModelVersionDetail): Omit<ModelSbom['metadata']['component'], 'bom-ref'> {
  const { summary, lineage } = version
  const licence = licenceOf(version)
  const parents = lineage?.parents ?? []
  return {
    type: 'machine-learning-model',
    name: version.name,
    version: String(version.version),
    hashes: hashesOf(version.digest),
    ...(licence !== undefined && { licenses: [{ license: { name: licence } }] }),
    ...(parents.length > 0 && {
      pedigree: {
        ancestors: parents.map((parent) => ({
          type: 'machine-learning-model' as const,
          name: parent.name,
          version: String(parent.version),
          hashes: hashesOf(parent.digest),
        })),
      },
    }),
    ...(lineage && referencesOf(lineage)),
    modelCard: { modelParameters: { inputs: summary.inputs.map(tensorOf), outputs: summary.outputs.map(tensorOf) } },
    properties: propertiesOf(version),
  }
}

function propertiesOf({ summary, lineage, labels, bundle, goldenCases }: ModelVersionDetail): Property[] {
  return [
    own('format', 'ONNX'),
    own('irVersion', summary.irVersion),
    ...summary.opsets.map(({ domain, version }) => own('opset', `${domain} ${version}`)),
    ...summary.operators.map(({ domain, name, count }) => own('operator', `${domain}.${name} × ${count}`)),
    own('parameters', summary.parameterCount),
    own('goldenCases', goldenCases),
    own('signedBy', bundle.verificationMaterial.publicKey.hint),
    ...Object.entries(labels).map(([name, value]) => own(`label:${name}`, value)),
    ...(lineage?.tool === undefined ? [] : [own('lineage:tool', lineage.tool)]),
    ...(lineage?.createdBy === undefined ? [] : [own('lineage:createdBy', lineage.createdBy)]),
  ]
}

/** The tool that wrote the file is part of its origin. */
function producerOf(version: ModelVersionDetail): ModelSbom['components'] {
  const { producer } = version.summary
  if (producer === '') return []
  return [
    {
      type: 'application',
      'bom-ref': `${refOf(version)}#producer`,
      name: producer,
      properties: [own('role', 'producer')],
    },
  ]
}

function referencesOf({ source, dataset }: NonNullable<ModelVersionDetail['lineage']>) {
  const references = [
    ...(source
      ? [{ type: 'vcs' as const, url: source.uri, ...(source.commit !== undefined && { comment: source.commit }) }]
      : []),
    ...(dataset
      ? [{ type: 'other' as const, url: dataset.uri, comment: `dataset ${dataset.digest ?? ''}`.trim() }]
      : []),
  ]
  return references.length > 0 ? { externalReferences: references } : {}
}

/** A label takes precedence over the metadata of the file. */
function licenceOf({ labels, summary }: ModelVersionDetail): string | undefined {
  const said = ['license', 'licence'].flatMap((name) => [
    labels[name],
    summary.metadata.find(({ key }) => key.toLowerCase() === name)?.value,
  ])
  return said.find((text) => text !== undefined && text.trim() !== '')
}

const tensorOf = ({ name, datatype, shape }: TensorSpec) => ({
  format: `${name}: ${datatype}[${shape.map((size) => (size === -1 ? 'any' : size)).join(',')}]`,
})
