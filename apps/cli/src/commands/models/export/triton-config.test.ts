import type { ModelSummary } from '@skerry/contract/models/model-summary'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { expect, test } from 'vitest'
import { parseTextProto } from '../import/text-proto.ts'
import { tritonConfig } from './triton-config.ts'

const summary = (tensors: Pick<ModelSummary, 'inputs' | 'outputs'>, unrankedOutputs: string[] = []) =>
  ({ ...tensors, unrankedOutputs }) as ModelSummary

const tensor = (name: string, datatype: TensorSpec['datatype'], shape: number[]): TensorSpec => ({
  name,
  datatype,
  shape,
})

test('a configuration states names, types and shapes in the form of Triton', () => {
  const text = tritonConfig(
    'pump',
    summary({ inputs: [tensor('x', 'FP32', [-1, 3])], outputs: [tensor('label', 'BYTES', [-1])] }),
  )
  expect(text).toBe(
    [
      'name: "pump"',
      'backend: "onnxruntime"',
      'max_batch_size: 0',
      'input {\n  name: "x"\n  data_type: TYPE_FP32\n  dims: [ -1, 3 ]\n}',
      'output {\n  name: "label"\n  data_type: TYPE_STRING\n  dims: [ -1 ]\n}',
      '',
    ].join('\n'),
  )
})

test('the parser of imports reads it, with a scalar and with names of any characters', () => {
  const name = 'a "quoted" \\ name'
  const text = tritonConfig(
    'pump',
    summary({ inputs: [tensor(name, 'INT64', [])], outputs: [tensor('y', 'BOOL', [2])] }, []),
  )
  const parsed = parseTextProto(text)
  expect(parsed).toMatchObject({
    ok: true,
    message: {
      name: ['pump'],
      max_batch_size: [0],
      input: [{ name: [name], data_type: ['TYPE_INT64'], dims: [1] }],
      output: [{ name: ['y'], data_type: ['TYPE_BOOL'], dims: [2] }],
    },
  })
})

test('an output whose rank only a runtime knows is left to Triton', () => {
  const tensors = { inputs: [tensor('x', 'FP32', [1])], outputs: [tensor('y', 'FP32', []), tensor('z', 'FP32', [1])] }
  const text = tritonConfig('pump', summary(tensors, ['y']))
  expect(text).not.toContain('"y"')
  expect(text).toContain('"z"')
})
