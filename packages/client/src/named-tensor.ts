/** Named tensors, as a device is asked and answers through the hub: between what people write and the exact bytes that travel. */
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { tensorFromJson } from '@skerry/core/tensors/nested-tensor'
import { type Element, elementsOfBytes, shortFloat } from '@skerry/core/tensors/tensor-elements'
import { base64Of, bytesOfBase64 } from './base64.ts'

/** An input from nested or flat arrays; throws in words where they do not fit what the model takes. */
export function namedTensorOf(spec: TensorSpec, data: unknown): NamedTensor {
  const { shape, bytes } = tensorFromJson(spec, data)
  return { name: spec.name, datatype: spec.datatype, shape, data: base64Of(bytes) }
}

/** The elements of an output that came as raw bytes, each exact; undefined where the bytes are not of its type. */
export function elementsOfTensor({ datatype, data }: NamedTensor): Element[] | undefined {
  return typeof data === 'string' ? elementsOfBytes(datatype, bytesOfBase64(data)) : (data as Element[])
}

/** The same as people write them: an FP32 with the digits that it has. They mean the same bytes. */
export function writtenElements(tensor: NamedTensor): Element[] | undefined {
  const elements = elementsOfTensor(tensor)
  if (tensor.datatype !== 'FP32') return elements
  return elements?.map((element) => (typeof element === 'number' ? shortFloat(element) : element))
}
