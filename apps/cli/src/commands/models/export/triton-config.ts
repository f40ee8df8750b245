/** Triton config: a model as config.pbtxt of the Triton Inference Server [triton, model configuration]. */
import type { ModelSummary } from '@skerry/contract/models/model-summary'
import type { TensorSpec } from '@skerry/contract/models/tensor'

/**
 * The text of the file. `max_batch_size` is 0, so that the shapes are those of the model, with its batch if it has one.
 * Triton itself finds outputs whose rank only a runtime knows.
 */
export function tritonConfig(name: string, { inputs, outputs, unrankedOutputs }: ModelSummary): string {
  const known = outputs.filter((output) => !unrankedOutputs.includes(output.name))
  return [
    `name: ${JSON.stringify(name)}`,
    'backend: "onnxruntime"',
    'max_batch_size: 0',
    ...inputs.map((input) => tensorText('input', input)),
    ...known.map((output) => tensorText('output', output)),
    '',
  ].join('\n')
}

function tensorText(field: 'input' | 'output', { name, datatype, shape }: TensorSpec): string {
  const type = datatype === 'BYTES' ? 'STRING' : datatype
  // [triton, reshape] A configuration cannot state a scalar; it is one element for callers.
  const isScalar = shape.length === 0
  const dims = isScalar ? '1' : shape.join(', ')
  const lines = [
    `  name: ${JSON.stringify(name)}`,
    `  data_type: TYPE_${type}`,
    `  dims: [ ${dims} ]`,
    ...(isScalar ? ['  reshape: { shape: [ ] }'] : []),
  ]
  return `${field} {\n${lines.join('\n')}\n}`
}
