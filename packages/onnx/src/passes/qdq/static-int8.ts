/**
 * Static int8: convolutions and matrix products work on eight bits. A pair of `QuantizeLinear` and `DequantizeLinear`
 * stands around each of their tensors, and the runtime joins the pairs and the operator into one integer kernel.
 * The ranges of the activations come from runs on calibration inputs.
 */
import type { NodeProto, TensorProto } from '../../generated/onnx_pb.ts'
import type { Model } from '../../read.ts'
import { writeTensor } from '../../tensor.ts'
import { nodeOf } from '../matmul.ts'
import { type FreshNames, freshNames } from '../naming.ts'
import { dropUnreadInitialisers } from '../normalise.ts'
import { changeOf, type Pass } from '../pass.ts'
import { LARGEST } from '../weight.ts'
import type { Range } from './observation.ts'
import { quantiseBias, quantiseWeight, type Scaling, scalingOf } from './quantise.ts'
import { type Target, targetsOf } from './targets.ts'

export type StaticOptions = {
  /** By tensor, for all that `observedTensors` names. */
  ranges: ReadonlyMap<string, Range>
  /** Names of the results of nodes that stay in float, because their error is too large. */
  keep: ReadonlySet<string>
  /** Of a weight; that of eight bits by default. */
  largest?: number
}

export const staticInt8 = ({ ranges, keep, largest = LARGEST }: StaticOptions): Pass => ({
  name: 'static-int8',
  apply(model, report) {
    const targets = targetsOf(model, keep)
    const writer = writerOf(model, ranges, largest)
    const pending = new Map(targets.found.map((target) => [target.node, target]))
    report.skipped.push(...targets.skipped)
    const nodes: NodeProto[] = []
    for (const node of model.graph.node) {
      const target = pending.get(node)
      if (target && !writer.hasRanges(target)) {
        report.skipped.push({ ...changeOf(node), reason: 'no calibration input reached it' })
        pending.delete(node)
      } else if (target) {
        nodes.push(...writer.inputPairs(target))
        report.changed.push(changeOf(node))
      }
      nodes.push(node, ...writer.outputPair(node))
    }
    model.graph.node = nodes
    dropUnreadInitialisers(model)
    return undefined
  },
})

type Writer = {
  hasRanges(target: Target): boolean
  /** The pairs before a node, whose inputs become their results. */
  inputPairs(target: Target): NodeProto[]
  /** The pair after a node, if its result is one of a target. */
  outputPair(node: NodeProto): NodeProto[]
}

function writerOf(model: Model, ranges: ReadonlyMap<string, Range>, largest: number): Writer {
  const fresh = freshNames(model)
  const store = (tensor: TensorProto) => model.graph.initializer.push(tensor)
  const pairs = pairsOf(fresh, store)
  /** The results to quantise after their node: of the targets, or of the activation behind one. */
  const results = new Set<string>()
  const inputs = new Map<string, string>()
  const scaling = (name: string): Scaling => scalingOf(ranges.get(name) ?? { min: 0, max: 0 })

  function activation(name: string): { name: string; nodes: NodeProto[] } {
    const known = inputs.get(name)
    if (known !== undefined) return { name: known, nodes: [] }
    const dequantised = fresh(`${name}/int8`)
    inputs.set(name, dequantised)
    return { name: dequantised, nodes: pairs.activation(name, dequantised, scaling(name)) }
  }

  return {
    hasRanges: ({ activations, result }) => [...activations, result].every((name) => ranges.has(name)),
    inputPairs({ node, activations, weight, result }) {
      results.add(result)
      const nodes: NodeProto[] = []
      const dequantised = new Map<string, string>()
      for (const name of activations) {
        const pair = activation(name)
        nodes.push(...pair.nodes)
        dequantised.set(name, pair.name)
      }
      if (weight) {
        const { bytes, scales } = weight.withValues((values) => quantiseWeight(values, weight, largest))
        const [input = '', bias = ''] = [activations[0], node.input[2]]
        const stored = pairs.weight(weight.name, { bytes, scales, shape: weight.shape, axis: weight.axis })
        dequantised.set(weight.name, stored.name)
        nodes.push(...stored.nodes)
        if (weight.bias) {
          const quantised = pairs.bias(bias, quantiseBias(weight.bias, scaling(input).scale, scales))
          dequantised.set(bias, quantised.name)
          nodes.push(...quantised.nodes)
        }
      }
      node.input = node.input.map((name) => dequantised.get(name) ?? name)
      return nodes
    },
    outputPair(node) {
      const [name = ''] = node.output
      if (!results.has(name)) return []
      const raw = fresh(`${name}/float`)
      node.output = [raw, ...node.output.slice(1)]
      inputs.set(name, name)
      return pairs.activation(raw, name, scaling(name))
    },
  }
}

type Stored = { name: string; nodes: NodeProto[] }
type WeightParts = { bytes: Int8Array; scales: Float32Array; shape: number[]; axis: number }

/** Writes pairs, with their scales and zeros as initialisers. */
function pairsOf(fresh: FreshNames, store: (tensor: TensorProto) => void) {
  const constant = (
    name: string,
    datatype: 'FP32' | 'UINT8' | 'INT8' | 'INT32',
    values: ArrayBufferView,
    shape: number[],
  ) => {
    const held = fresh(name)
    store(
      writeTensor(held, {
        datatype,
        shape,
        data: new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength),
      }),
    )
    return held
  }
  const dequantise = (name: string, inputs: string[], axis: number): Stored => {
    const result = fresh(`${name}/restored`)
    return { name: result, nodes: [nodeOf('DequantizeLinear', inputs, [result], fresh, { axis })] }
  }
  return {
    activation(from: string, to: string, { scale, zero }: Scaling): NodeProto[] {
      const numbers = [
        constant(`${to}/scale`, 'FP32', Float32Array.of(scale), []),
        constant(`${to}/zero`, 'UINT8', Uint8Array.of(zero), []),
      ]
      const quantised = fresh(`${to}/bytes`)
      return [
        nodeOf('QuantizeLinear', [from, ...numbers], [quantised], fresh),
        nodeOf('DequantizeLinear', [quantised, ...numbers], [to], fresh),
      ]
    },
    weight(name: string, { bytes, scales, shape, axis }: WeightParts): Stored {
      const held = constant(`${name}/int8`, 'INT8', bytes, shape)
      const scale = constant(`${name}/scale`, 'FP32', scales, [scales.length])
      const zero = constant(`${name}/zero`, 'INT8', new Int8Array(scales.length), [scales.length])
      return dequantise(name, [held, scale, zero], axis)
    },
    bias(name: string, { integers, scales }: ReturnType<typeof quantiseBias>): Stored {
      const held = constant(`${name}/int32`, 'INT32', integers, [integers.length])
      const scale = constant(`${name}/scale`, 'FP32', scales, [scales.length])
      const zero = constant(`${name}/zero`, 'INT32', new Int32Array(scales.length), [scales.length])
      return dequantise(name, [held, scale, zero], 0)
    },
  }
}
