/**
 * [Binary tensor data extension, raw binary request] A body that is one input's bytes and nothing else: the shape follows
 * from the model's and the size, so at most one dimension may be left open once the batch is one.
 */
import { ELEMENT_BYTES, type TensorSpec } from '@skerry/contract/models/tensor'
import { type Failure, fail } from '../host/failure.ts'
import { elementCount, joinBytes } from '../host/raw-tensor.ts'
import type { Signature } from '../seat/session.ts'
import type { OipRequest } from './oip-request.ts'

const invalid = (message: string) => fail('input_invalid', message)

/** Makes the request that a raw body means. All outputs are answered as binary. */
export function readRawBody({ inputs }: Signature, data: Uint8Array<ArrayBuffer>): OipRequest | Failure {
  const [spec, ...others] = inputs
  if (spec === undefined || others.length > 0) {
    return invalid(
      `a raw body needs a model with one input, this one has ${inputs.length}: send JSON before the binary data`,
    )
  }
  const { name, datatype } = spec
  const shape = datatype === 'BYTES' ? stringShape(spec) : fixedShape(spec, data.byteLength)
  if (shape === undefined) {
    return invalid(
      `a raw body of ${data.byteLength} bytes gives no shape for input '${name}' [${spec.shape.join()}]: send JSON before it`,
    )
  }
  // As Triton reads it, a raw BYTES body is one element, without its length before it.
  const bytes = datatype === 'BYTES' ? joinBytes([data]) : data
  return {
    ok: true,
    id: undefined,
    request: { inputs: [{ name, datatype, shape, data: bytes }] },
    isBinary: () => true,
  }
}

const stringShape = ({ shape }: TensorSpec) =>
  shape.every((size) => size === -1 || size === 1) ? shape.map(() => 1) : undefined

function fixedShape({ shape, datatype }: TensorSpec, byteCount: number): number[] | undefined {
  const open = shape.filter((size) => size === -1).length
  const batched = open > 1 && shape[0] === -1 ? [1, ...shape.slice(1)] : shape
  if (batched.filter((size) => size === -1).length > 1) return undefined
  const rowBytes = elementCount(batched.map((size) => (size === -1 ? 1 : size))) * ELEMENT_BYTES[datatype]
  const size = rowBytes === 0 ? 0 : byteCount / rowBytes
  return Number.isInteger(size) ? batched.map((it) => (it === -1 ? size : it)) : undefined
}
