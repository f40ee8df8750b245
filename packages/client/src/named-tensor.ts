/**
 * Named tensors, the form in which a device answers through the hub. They convert between people's text and the exact
 * bytes on the wire.
 */
import type { NamedTensor } from '@skerry/contract/models/infer'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { tensorFromJson } from '@skerry/core/tensors/nested-tensor'
import { bytesOfElements, type Element, elementsOfBytes, shortFloat } from '@skerry/core/tensors/tensor-elements'
import { base64Of, bytesOfBase64 } from './base64.ts'

/** An input from nested or flat arrays. Throws an error in words if they do not fit the model's input. */
export function namedTensorOf(spec: TensorSpec, data: unknown): NamedTensor {
  const { shape, bytes } = tensorFromJson(spec, data)
  return { name: spec.name, datatype: spec.datatype, shape, data: base64Of(bytes) }
}

/** The elements of an output that came as raw bytes, each exact; undefined if the bytes are not of its type. */
export function elementsOfTensor({ datatype, data }: NamedTensor): Element[] | undefined {
  return typeof data === 'string' ? elementsOfBytes(datatype, bytesOfBase64(data)) : (data as Element[])
}

/** The same elements as people write them: an FP32 with only its own digits. They mean the same bytes. */
export function writtenElements(tensor: NamedTensor): Element[] | undefined {
  const elements = elementsOfTensor(tensor)
  if (tensor.datatype !== 'FP32') return elements
  return elements?.map((element) => (typeof element === 'number' ? shortFloat(element) : element))
}

/** The raw bytes of a tensor in either form of its data; undefined if an element is not of the type. */
export const bytesOfTensor = ({ datatype, data }: NamedTensor): Uint8Array | undefined =>
  typeof data === 'string' ? bytesOfBase64(data) : bytesOfElements(datatype, data)
