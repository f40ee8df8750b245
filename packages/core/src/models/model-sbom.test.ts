import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import { ModelSbom } from '@skerry/contract/models/sbom'
import { expect, test } from 'vitest'
import { modelSbom } from './model-sbom.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as ModelVersionDetail['digest']

const version = {
  model: 'anomaly',
  version: 3,
  digest: digest('a'),
  files: [
    { path: 'golden.json', digest: digest('b'), sizeBytes: 10 },
    { path: 'model.onnx', digest: digest('c'), sizeBytes: 1_000 },
    { path: 'weights/w.bin', digest: digest('d'), sizeBytes: 20 },
  ],
  goldenCases: 4,
  labels: { team: 'presses' },
  summary: {
    irVersion: 10,
    producer: 'pytorch 2.6',
    opsets: [{ domain: 'ai.onnx', version: 21 }],
    inputs: [{ name: 'window', datatype: 'FP32', shape: [-1, 8, 2] }],
    outputs: [{ name: 'score', datatype: 'FP32', shape: [-1, 1] }],
    operators: [{ domain: 'ai.onnx', name: 'Gemm', count: 4 }],
    parameterCount: 627,
    metadata: [{ key: 'License', value: 'CC-BY-4.0' }],
  },
  bundle: { verificationMaterial: { publicKey: { hint: 'e'.repeat(64) } } },
  lineage: {
    parents: [{ model: 'base', version: 2, digest: digest('f'), isRemoved: false }],
    source: { uri: 'git+https://example.com/x', commit: 'abc' },
    dataset: { uri: 's3://bucket/data', digest: digest('1') },
    tool: 'pytorch 2.6',
  },
} as unknown as ModelVersionDetail

const facts = {
  uuid: '01234567-89ab-8def-a123-456789abcdef',
  timestamp: '2026-11-26T00:00:00.000Z',
  hubVersion: '0.1.0',
}
const sbom = modelSbom({ version, ...facts })

test('the SBOM of a version fits the schema of CycloneDX 1.6, and the contract', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
  expect(await validator.validate(JSON.stringify(sbom))).toBeNull()
  expect(ModelSbom.parse(sbom)).toEqual(sbom)
})

test('it says which files by digest, what a runtime must know, whose word the licence is, and where it comes from', () => {
  const { component } = sbom.metadata
  expect(sbom.components.filter(({ type }) => type === 'file').map(({ name, hashes }) => [name, hashes])).toEqual(
    version.files.map(({ path, digest }) => [path, [{ alg: 'SHA-256', content: digest.slice(7) }]]),
  )
  const properties = component.properties.map(({ name, value }) => `${name} = ${value}`)
  expect(properties).toEqual(
    expect.arrayContaining([
      'skerry:model:opset = ai.onnx 21',
      'skerry:model:operator = ai.onnx.Gemm × 4',
      `skerry:model:signedBy = ${'e'.repeat(64)}`,
      'skerry:model:label:team = presses',
    ]),
  )
  expect(component.licenses).toEqual([{ license: { name: 'CC-BY-4.0' } }])
  expect(component.pedigree?.ancestors).toMatchObject([{ name: 'base', version: '2' }])
  expect(component.externalReferences).toEqual([
    { type: 'vcs', url: 'git+https://example.com/x', comment: 'abc' },
    { type: 'other', url: 's3://bucket/data', comment: `dataset ${digest('1')}` },
  ])
  expect(component.modelCard.modelParameters.inputs).toEqual([{ format: 'window: FP32[any,8,2]' }])
})

test('a label says the licence before the file does; what nobody said is left out', () => {
  const labelled = modelSbom({ version: { ...version, labels: { license: 'MIT' } }, ...facts })
  expect(labelled.metadata.component.licenses).toEqual([{ license: { name: 'MIT' } }])
  const { lineage: _, ...bare } = version
  const summary = { ...version.summary, metadata: [], producer: '' }
  const { metadata, components } = modelSbom({ version: { ...bare, summary }, ...facts })
  expect(Object.keys(metadata.component)).not.toContain('licenses')
  expect(Object.keys(metadata.component)).not.toContain('pedigree')
  expect(Object.keys(metadata.component)).not.toContain('externalReferences')
  expect(components.every(({ type }) => type === 'file')).toBe(true)
})
