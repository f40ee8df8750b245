/**
 * Finds the matrix products of a model that have a constant right side, and replaces them. `Gemm` is written as a
 * product and a sum first.
 */
import { create } from '@bufbuild/protobuf'
import { type Body, bodies } from '../body.ts'
import { elementTypeNumber } from '../element-type.ts'
import {
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
} from '../generated/onnx_pb.ts'
import type { Model } from '../read.ts'
import { type Constants, constantsOf, type FreshNames, freshNames } from './naming.ts'
import { dropUnreadInitialisers } from './normalise.ts'
import { changeOf, type PassReport, setNodes } from './pass.ts'
import { floatsOf, freeCopy } from './weight.ts'

/** The right side of a product: `rows` times `columns`, row-major. */
export type Matrix = { name: string; values: Float32Array; rows: number; columns: number }

/** A product that is to be replaced, and where its replacement puts its weights. */
export type Product = {
  body: Body
  left: string
  output: string
  matrix: Matrix
  fresh: FreshNames
  /** Adds an initialiser where all readers of the weight see it. */
  store(tensor: TensorProto): void
}

/** The nodes that stand for a product, or why it stays. */
export type Replacement = { nodes: NodeProto[] } | { reason: string }

/** The reason of a node that stays in float, because the gate missed its goal with it. */
export const TOO_INEXACT = 'its error in fewer bits is too large'

export type Replacing = {
  report: PassReport
  /** Names of the results of nodes that stay in float. */
  keep: ReadonlySet<string>
}

/** Calls `replace` for each product of float32 values with a constant matrix. */
export function replaceProducts(
  model: Model,
  { report, keep }: Replacing,
  replace: (product: Product) => Replacement,
): void {
  const fresh = freshNames(model)
  const constants = constantsOf(model)
  const stored: TensorProto[] = []
  for (const body of bodies(model)) {
    const nodes = body.nodes.flatMap((node) => {
      const found = productOf(node, body, { constants, keep })
      if (!found) return [node]
      const result =
        'reason' in found ? found : replaceOne(found, { body, fresh, store: (each) => stored.push(each) }, replace)
      if ('matrix' in found) freeCopy(found.matrix.values, found.tensor)
      if ('nodes' in result) report.changed.push(changeOf(node))
      else report.skipped.push({ ...changeOf(node), reason: result.reason })
      return 'nodes' in result ? result.nodes : [node]
    })
    setNodes(body, nodes)
  }
  model.graph.initializer.push(...stored)
  dropUnreadInitialisers(model)
}

type Found = { node: NodeProto; tensor: TensorProto; matrix: Matrix; bias: string | undefined }

function replaceOne(
  { node, matrix, bias }: Found,
  place: Pick<Product, 'body' | 'fresh' | 'store'>,
  replace: (product: Product) => Replacement,
): Replacement {
  const [left = ''] = node.input
  const [output = ''] = node.output
  if (bias === undefined) return replace({ ...place, left, output, matrix })
  const product = place.fresh(`${output}/product`)
  const replaced = replace({ ...place, left, output: product, matrix })
  if ('reason' in replaced) return replaced
  return { nodes: [...replaced.nodes, nodeOf('Add', [product, bias], [output], place.fresh)] }
}

/** The product that a node computes, why it cannot be taken apart, or undefined for other operators. */
function productOf(
  node: NodeProto,
  body: Body,
  { constants, keep }: { constants: Constants; keep: ReadonlySet<string> },
): Found | { reason: string } | undefined {
  const isGemm = node.opType === 'Gemm'
  if (node.domain !== '' || (node.opType !== 'MatMul' && !isGemm)) return undefined
  if (keep.has(node.output[0] ?? '')) return { reason: TOO_INEXACT }
  if (body.function) return { reason: 'it is part of a function of the model' }
  const tensor = constants(node.input[1] ?? '', body)
  if (!tensor) return { reason: 'its right side is not constant' }
  const values = floatsOf(tensor)
  if (!values || tensor.dims.length !== 2) return { reason: 'its right side is no float32 matrix' }
  const [rows = 0, columns = 0] = tensor.dims.map(Number)
  const matrix = { name: tensor.name, values, rows, columns }
  if (!isGemm) return { node, tensor, matrix, bias: undefined }
  const found = gemmOf(node, matrix)
  return 'reason' in found ? found : { ...found, tensor }
}

/** [ONNX operators, Gemm] alpha A' B' + beta C. */
function gemmOf(node: NodeProto, matrix: Matrix): Omit<Found, 'tensor'> | { reason: string } {
  const settings = new Map(node.attribute.map((each) => [each.name, each]))
  if ((settings.get('alpha')?.f ?? 1) !== 1 || (settings.get('beta')?.f ?? 1) !== 1)
    return { reason: 'its alpha or beta is not 1' }
  if ((settings.get('transA')?.i ?? 0n) !== 0n) return { reason: 'its left side is transposed' }
  const isTransposed = (settings.get('transB')?.i ?? 0n) !== 0n
  const bias = node.input[2] === '' ? undefined : node.input[2]
  return { node, matrix: isTransposed ? transpose(matrix) : matrix, bias }
}

function transpose({ name, values, rows, columns }: Matrix): Matrix {
  const turned = new Float32Array(values.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column] ?? 0
  return { name: `${name}/turned`, values: turned, rows: columns, columns: rows }
}

/** A node with whole numbers as its attributes. */
export function nodeOf(
  operator: string,
  input: string[],
  output: string[],
  fresh: FreshNames,
  attributes: Readonly<Record<string, number>> = {},
  domain = '',
): NodeProto {
  return create(NodeProtoSchema, {
    name: fresh(`${output[0]}/${operator}`),
    opType: operator,
    domain,
    input,
    output,
    attribute: Object.entries(attributes).map(([name, value]) => ({ name, type: AttributeType.INT, i: BigInt(value) })),
  })
}

export const FLOAT32 = elementTypeNumber('FP32')
