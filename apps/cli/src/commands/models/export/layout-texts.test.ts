import { readYaml } from '@skerry/client/manifests/yaml-documents'
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { mlflowDescription } from './mlflow-description.ts'
import { modelCard } from './model-card.ts'

const tensor = (name: string, datatype: TensorSpec['datatype'], shape: number[]): TensorSpec => ({
  name,
  datatype,
  shape,
})

const detail = (inputs: TensorSpec[], more: object = {}) =>
  ({
    version: 3,
    digest: 'sha256:00',
    createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    labels: {},
    summary: { inputs, outputs: [tensor('y', 'FP32', [-1]), tensor('z', 'FP32', [])], unrankedOutputs: ['z'] },
    ...more,
  }) as unknown as ModelVersionDetail

const parsed = (text: string) => readYaml(text, { file: 'MLmodel', schema: z.any() }).values[0]?.value

test('MLmodel states the flavour of ONNX, and the signature as texts of JSON', () => {
  const model = parsed(mlflowDescription(detail([tensor('x', 'FP32', [-1, 3])])))
  expect(model).toMatchObject({
    flavors: {
      onnx: { data: 'model.onnx' },
      python_function: { data: 'model.onnx', loader_module: 'mlflow.onnx' },
    },
    utc_time_created: '2026-01-02 03:04:05.678',
    metadata: { skerry_version: 3 },
  })
  expect(JSON.parse(model.signature.inputs)).toEqual([
    { name: 'x', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 3] } },
  ])
  expect(JSON.parse(model.signature.outputs).map(({ name }: { name: string }) => name)).toEqual(['y'])
})

test('a card shows names and notes of others as text, and never as Markdown or columns', () => {
  const card = modelCard(
    'pump',
    detail([tensor('a|b <script>', 'FP32', [])], {
      labels: { team: '[x](http://evil)' },
      lineage: { notes: '# from\n---\nelsewhere' },
    }),
  )
  expect(card.startsWith('---\nlibrary_name: onnx\n')).toBe(true)
  expect(card).toContain('# pump, version 3')
  expect(card).toContain('| a\\|b \\<script\\> | FP32 | scalar |')
  expect(card).toContain('- team: \\[x\\](http://evil)')
  expect(card).toContain('\\# from --- elsewhere')
})
