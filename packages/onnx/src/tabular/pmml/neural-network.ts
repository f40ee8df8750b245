/** Neural network: layers of PMML as products of matrices [PMML 4.4, NeuralNetwork]. */
import type { Link } from '@skerry/contract/models/tabular/estimator'
import { float32Tensor, type NamedTensor, type NodePart } from '../../build.ts'
import { ROWS } from '../tabular-model.ts'
import { childOf, childrenOf, invalidPmml, numberIn, type PmmlFields, quoted, unsupportedPmml } from './fields.ts'
import type { RegressionPart } from './regression-model.ts'
import type { XmlElement } from './xml.ts'

/** The weights of a layer as a whole matrix; a file may connect few of many neurons. */
const WEIGHTS_MAX = 16 * 1024 * 1024

const ACTIVATIONS: Readonly<Record<string, string>> = {
  identity: 'Identity',
  logistic: 'Sigmoid',
  tanh: 'Tanh',
  rectifier: 'Relu',
  exponential: 'Exp',
}

/** `y = scale * x + shift`. */
type Line = { scale: number; shift: number }

/** What a neuron of a layer is: its number there. */
type Places = ReadonlyMap<string, number>

type Parts = { nodes: NodePart[]; initialisers: NamedTensor[] }

/** Reads the inputs, the layers and the outputs. */
export function readNetwork(model: XmlElement, fields: PmmlFields): RegressionPart {
  const layers = childrenOf(model, 'NeuralLayer')
  if (layers.length === 0) throw invalidPmml('a NeuralNetwork must have a NeuralLayer')
  const parts: Parts = { nodes: [], initialisers: [] }
  let places = readInputs(model, fields, parts)
  for (const [at, layer] of layers.entries()) {
    const isLast = at === layers.length - 1
    // The neurons of the last layer get the order of the outputs.
    const ids = isLast ? outputsOf(model, fields).map(({ id }) => id) : neuronsOf(layer).map(idOf)
    addLayer(parts, { at, layer, ids, places, activation: isLast ? undefined : activationOf(model, layer) })
    places = new Map(ids.map((id, place) => [id, place]))
  }
  const last = layers.at(-1) ?? model
  const link = linkOf(model, last, fields)
  const activation = activationOf(model, last)
  const sums = `sums_${layers.length - 1}`
  // [links.ts] The link `ovr` has the logistic function itself.
  const operator = link === 'ovr' ? 'Identity' : (ACTIVATIONS[activation] ?? 'Identity')
  parts.nodes.push({ operator, inputs: [sums], outputs: ['answers'] })
  addLines(parts, {
    lines: outputsOf(model, fields).map(({ line }) => line),
    from: 'answers',
    to: 'scores',
    name: 'out',
  })
  const what = `${model.attributes.modelName ?? 'NeuralNetwork'}, ${layers.length} layers`.slice(0, 500)
  return { ...parts, scores: places.size, link, what }
}

const neuronsOf = (layer: XmlElement): XmlElement[] => childrenOf(layer, 'Neuron')

function idOf({ name, attributes: { id } }: XmlElement): string {
  if (id === undefined) throw invalidPmml(`a ${name} has no id`)
  return id
}

function activationOf(model: XmlElement, layer: XmlElement): string {
  const name = layer.attributes.activationFunction ?? model.attributes.activationFunction ?? ''
  if (ACTIVATIONS[name] === undefined) throw unsupportedPmml(`the activation ${quoted(name)} of a NeuralNetwork`)
  return name
}

function linkOf(model: XmlElement, last: XmlElement, { isClassifier }: PmmlFields): Link {
  const method = last.attributes.normalizationMethod ?? model.attributes.normalizationMethod ?? 'none'
  if (!isClassifier && method === 'none') return 'none'
  if (isClassifier && method === 'softmax') return 'softmax'
  if (isClassifier && method === 'simplemax' && activationOf(model, last) === 'logistic') return 'ovr'
  throw unsupportedPmml(`the normalization ${quoted(method)} of this NeuralNetwork`)
}

/** The columns that the network reads, in their scale. */
function readInputs(model: XmlElement, fields: PmmlFields, parts: Parts): Places {
  const inputs = childrenOf(childOf(model, 'NeuralInputs') ?? model, 'NeuralInput')
  if (inputs.length === 0) throw invalidPmml('a NeuralNetwork must have NeuralInputs')
  const read = inputs.map((input) => ({ id: idOf(input), ...expressionOf(input) }))
  const columns = read.map(({ field }) => BigInt(fields.placeOf(field)))
  const data = new Uint8Array(BigInt64Array.from(columns).buffer)
  parts.initialisers.push({ name: 'columns_read', datatype: 'INT64', shape: [columns.length], data })
  parts.nodes.push({
    operator: 'Gather',
    inputs: [ROWS, 'columns_read'],
    outputs: ['read'],
    attributes: { axis: { int: 1 } },
  })
  addLines(parts, { lines: read.map(({ line }) => line), from: 'read', to: 'layer_0', name: 'in' })
  return new Map(read.map(({ id }, place) => [id, place]))
}

/** [NeuralInput, NeuralOutput] A field as it is, or between two points of a line. */
function expressionOf(part: XmlElement): { field: string | undefined; line: Line } {
  const derived = childOf(part, 'DerivedField')
  const [expression] = derived?.children.filter(({ name }) => name !== 'Extension') ?? []
  if (expression?.name === 'FieldRef') return { field: expression.attributes.field, line: { scale: 1, shift: 0 } }
  if (expression?.name !== 'NormContinuous')
    throw unsupportedPmml(`${quoted(expression?.name)} of a field of a NeuralNetwork`)
  const outliers = expression.attributes.outliers ?? 'asIs'
  const points = childrenOf(expression, 'LinearNorm').map((one) => [numberIn(one, 'orig'), numberIn(one, 'norm')])
  const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = points
  if (points.length !== 2 || outliers !== 'asIs') throw unsupportedPmml('a NormContinuous that is no whole line')
  if (x1 === x2 || y1 === y2) throw invalidPmml('the two points of a NormContinuous must differ')
  const scale = (y2 - y1) / (x2 - x1)
  return { field: expression.attributes.field, line: { scale, shift: y1 - x1 * scale } }
}

type Output = { id: string; line: Line }

/** In the order of the classes, or the one of a value. [NeuralOutput] A line leads from the field to the neuron. */
function outputsOf(model: XmlElement, { isClassifier, classes }: PmmlFields): Output[] {
  const outputs = childrenOf(childOf(model, 'NeuralOutputs') ?? model, 'NeuralOutput')
  const named = outputs.map((output) => ({ id: output.attributes.outputNeuron ?? '', output }))
  if (!isClassifier) {
    const [one] = named
    if (!one || named.length > 1) throw invalidPmml('a regression must have one NeuralOutput')
    const { scale, shift } = expressionOf(one.output).line
    return [{ id: one.id, line: { scale: 1 / scale, shift: -shift / scale } }]
  }
  if (named.length !== classes.length) throw invalidPmml('there must be one NeuralOutput of each class')
  return classes.map((name) => {
    const found = named.find(({ output }) => discreteValue(output) === name)
    if (!found) throw invalidPmml(`there is no NeuralOutput of the class ${quoted(name)}`)
    return { id: found.id, line: { scale: 1, shift: 0 } }
  })
}

const discreteValue = (output: XmlElement): string | undefined => {
  const derived = childOf(output, 'DerivedField')
  return derived && childOf(derived, 'NormDiscrete')?.attributes.value
}

type Layer = { at: number; layer: XmlElement; ids: readonly string[]; places: Places; activation: string | undefined }

/** From `layer_N` to the sums, and from there to the next layer. */
function addLayer({ nodes, initialisers }: Parts, { at, layer, ids, places, activation }: Layer): void {
  const neurons = new Map(neuronsOf(layer).map((neuron) => [idOf(neuron), neuron]))
  if (places.size * ids.length > WEIGHTS_MAX) throw unsupportedPmml(`a layer of ${ids.length} neurons`)
  const weights = new Float32Array(places.size * ids.length)
  const bias = ids.map((id, column) => {
    const neuron = neurons.get(id)
    if (!neuron) throw invalidPmml(`the neuron ${quoted(id)} is not in the layer ${at + 1}`)
    for (const connection of childrenOf(neuron, 'Con')) {
      const from = places.get(connection.attributes.from ?? '')
      if (from === undefined) throw unsupportedPmml('a connection that is not from the layer before')
      const place = from * ids.length + column
      weights[place] = (weights[place] ?? 0) + numberIn(connection, 'weight')
    }
    return numberIn(neuron, 'bias', 0)
  })
  const sums = `sums_${at}`
  initialisers.push(
    float32Tensor(`weights_${at}`, [places.size, ids.length], weights),
    float32Tensor(`bias_${at}`, [ids.length], Float32Array.from(bias)),
  )
  nodes.push({ operator: 'Gemm', inputs: [`layer_${at}`, `weights_${at}`, `bias_${at}`], outputs: [sums] })
  const operator = activation === undefined ? undefined : ACTIVATIONS[activation]
  if (operator !== undefined) nodes.push({ operator, inputs: [sums], outputs: [`layer_${at + 1}`] })
}

type Lines = { lines: readonly Line[]; from: string; to: string; name: string }

function addLines({ nodes, initialisers }: Parts, { lines, from, to, name }: Lines): void {
  const row = (part: string, values: readonly number[]) =>
    initialisers.push(float32Tensor(`${name}_${part}`, [1, values.length], Float32Array.from(values)))
  row(
    'scale',
    lines.map(({ scale }) => scale),
  )
  row(
    'shift',
    lines.map(({ shift }) => shift),
  )
  nodes.push({ operator: 'Mul', inputs: [from, `${name}_scale`], outputs: [`${name}_scaled`] })
  nodes.push({ operator: 'Add', inputs: [`${name}_scaled`, `${name}_shift`], outputs: [to] })
}
