import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import type { Build } from '@skerry/contract/builds/build'
import { ModelSbom } from '@skerry/contract/models/sbom'
import { expect, test } from 'vitest'
import { buildSbom } from './build-sbom.ts'

const hash = (letter: string) => [{ alg: 'SHA-256' as const, content: letter.repeat(64) }]
const property = (name: string, value: string) => ({ name: `skerry:model:${name}`, value })

const whole: ModelSbom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: 'urn:uuid:01234567-89ab-8def-a123-456789abcdef',
  version: 1,
  metadata: {
    timestamp: '2026-11-26T00:00:00.000Z',
    tools: { components: [{ type: 'application', name: 'skerry', version: '0.1.0' }] },
    component: {
      type: 'machine-learning-model',
      'bom-ref': 'pkg:generic/reader@1',
      name: 'reader',
      version: '1',
      hashes: hash('a'),
      licenses: [{ license: { name: 'Apache-2.0' } }],
      pedigree: { ancestors: [] },
      modelCard: { modelParameters: { inputs: [], outputs: [] } },
      properties: [property('format', 'ONNX'), property('operator', 'ai.onnx.Conv × 9'), property('label:team', 'x')],
    },
  },
  components: [],
  dependencies: [],
}

const build = {
  id: 'bld_aaaaaaaaaaaa2222',
  recipe: 'static-int8-percentile',
  digest: `sha256:${'b'.repeat(64)}`,
  files: [{ path: 'model.onnx', digest: `sha256:${'c'.repeat(64)}`, sizeBytes: 250 }],
  calibration: { digest: `sha256:${'d'.repeat(64)}`, rows: 40, origin: 'devices' },
  returned: 2,
  tools: { skerry: '0.1.0', 'onnxruntime-node': '1.30.0' },
} as unknown as Build

const uuid = 'fedcba98-7654-8321-a123-456789abcdef'
const sbom = buildSbom({ whole, build, uuid, timestamp: '2026-11-27T00:00:00.000Z' })

test('the document of a build names its files, its version, its recipe and its tools', () => {
  const { component } = sbom.metadata
  expect(component).toMatchObject({
    'bom-ref': 'pkg:generic/reader@1?build=bld_aaaaaaaaaaaa2222',
    hashes: hash('b'),
    licenses: [{ license: { name: 'Apache-2.0' } }],
    pedigree: { ancestors: [{ name: 'reader', version: '1', hashes: hash('a') }] },
  })
  expect(component.properties).toEqual([
    property('format', 'ONNX'),
    property('label:team', 'x'),
    property('build', 'bld_aaaaaaaaaaaa2222'),
    property('build:recipe', 'static-int8-percentile'),
    property('build:calibration', `sha256:${'d'.repeat(64)} (devices, 40 rows)`),
    property('build:returned', '2'),
  ])
  expect(sbom.components.map(({ name, version }) => [name, version])).toEqual([
    ['model.onnx', undefined],
    ['skerry', '0.1.0'],
    ['onnxruntime-node', '1.30.0'],
  ])
})

test('it fits the contract, and the schema of the standard', async () => {
  expect(ModelSbom.parse(sbom)).toEqual(sbom)
  const problems = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(JSON.stringify(sbom))
  expect(problems).toBeNull()
})
