/** Estimator: the fitted attributes of a scikit-learn estimator become an ONNX model. */
import { type AffineStep, Estimator, type EstimatorTree } from '@skerry/contract/models/tabular/estimator'
import { float32Tensor, type NamedTensor, type NodePart } from '../build.ts'
import { accept, type Refusal, type Result, rejectModel } from '../refusal.ts'
import { float64Tensor, linearPart, toDouble, toFloat } from './linear.ts'
import { type Converted, ROWS, tabularModel } from './tabular-model.ts'
import { type Tree, type TreeNode, treeEnsemble, treeProblem } from './tree-ensemble.ts'

type Model = Estimator['model']
type Of<Kind extends Model['kind']> = Extract<Model, { kind: Kind }>

/** The document is parsed JSON of the Python client. */
export function convertEstimator(document: unknown): Result<Converted> {
  const read = Estimator.safeParse(document)
  if (!read.success) {
    const [issue] = read.error.issues
    return rejectModel('model_form_invalid', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is no estimator'}`)
  }
  const { framework, estimator, features, steps, model, classes } = read.data
  const problem = stepsProblem(steps, features)
  if (problem) return problem
  const head = stepsOf(steps)
  const body = bodyOf(model, head.output, features)
  if (!body.ok) return body
  const { scores, nodes, initialisers, what } = body.value
  const wanted = model.link === 'sigmoid' ? 2 : scores
  if (classes && classes.length !== wanted) {
    return rejectModel('model_form_invalid', `there are ${classes.length} classes, and ${wanted} probabilities`)
  }
  return accept(
    tabularModel({
      form: 'estimator',
      framework,
      what: `${estimator}${what}`,
      features,
      nodes: [...head.nodes, ...nodes],
      initialisers: [...head.initialisers, ...initialisers],
      scores,
      link: model.link,
      classes,
    }),
  )
}

type Part = { nodes: NodePart[]; initialisers: NamedTensor[] }

const WAYS = [
  ['subtract', 'Sub'],
  ['divide', 'Div'],
  ['multiply', 'Mul'],
  ['add', 'Add'],
] as const

function stepsProblem(steps: readonly AffineStep[], features: number): Refusal | undefined {
  for (const [at, step] of steps.entries()) {
    const wrong = WAYS.find(([way]) => step[way] !== undefined && step[way].length !== features)
    if (wrong) return rejectModel('model_form_invalid', `steps.${at}.${wrong[0]} must have ${features} numbers`)
  }
  return undefined
}

/** scikit-learn scales in 64 bits: a row close to a threshold must fall on the same side. */
function stepsOf(steps: readonly AffineStep[]): Part & { output: string } {
  const nodes: NodePart[] = [toDouble(ROWS, 'wide')]
  const initialisers: NamedTensor[] = []
  let output = 'wide'
  for (const [at, step] of steps.entries()) {
    for (const [way, operator] of WAYS) {
      const values = step[way]
      if (!values) continue
      const name = `step_${at}_${way}`
      initialisers.push(float64Tensor(`${name}_by`, [1, values.length], values))
      nodes.push({ operator, inputs: [output, `${name}_by`], outputs: [name] })
      output = name
    }
  }
  return { nodes, initialisers, output }
}

type Body = Part & { scores: number; what: string }

function bodyOf(model: Model, input: string, features: number): Result<Body> {
  switch (model.kind) {
    case 'linear':
      return linear(model, input, features)
    case 'trees':
      return trees(model, input, features)
    case 'network':
      return network(model, input, features)
  }
}

function linear({ coefficients, intercepts }: Of<'linear'>, input: string, features: number): Result<Body> {
  if (coefficients.some((row) => row.length !== features) || intercepts.length !== coefficients.length) {
    return rejectModel('model_form_invalid', `model.coefficients must be rows of ${features} numbers, with intercepts`)
  }
  const rows = coefficients.map((row, at) => ({ coefficients: row, intercept: intercepts[at] ?? 0 }))
  return accept({ ...linearPart(rows, input), what: '' })
}

const ACTIVATIONS = { identity: 'Identity', logistic: 'Sigmoid', tanh: 'Tanh', relu: 'Relu' } as const

function network({ layers, activation }: Of<'network'>, input: string, features: number): Result<Body> {
  const nodes: NodePart[] = [toFloat(input, 'layer_0')]
  const initialisers: NamedTensor[] = []
  let width = features
  for (const [at, { weights, bias }] of layers.entries()) {
    if (weights.length !== width || weights.some((row) => row.length !== bias.length)) {
      return rejectModel('model_form_invalid', `model.layers.${at} must have ${width} rows of ${bias.length} weights`)
    }
    const isLast = at === layers.length - 1
    const sums = isLast ? 'scores' : `sums_${at}`
    initialisers.push(
      float32Tensor(`weights_${at}`, [width, bias.length], Float32Array.from(weights.flat())),
      float32Tensor(`bias_${at}`, [bias.length], Float32Array.from(bias)),
    )
    nodes.push({ operator: 'Gemm', inputs: [`layer_${at}`, `weights_${at}`, `bias_${at}`], outputs: [sums] })
    if (!isLast) nodes.push({ operator: ACTIVATIONS[activation], inputs: [sums], outputs: [`layer_${at + 1}`] })
    width = bias.length
  }
  return accept({ nodes, initialisers, scores: width, what: `, ${layers.length} layers` })
}

function trees({ trees: given, factor, base }: Of<'trees'>, input: string, features: number): Result<Body> {
  const made: Tree[] = []
  for (const [at, tree] of given.entries()) {
    const one = treeOf(tree, { features, factor, scores: base.length })
    if (!one.ok) return { ...one, message: `model.trees.${at}: ${one.message}` }
    made.push(one.value)
  }
  const ensemble = { trees: made, base: base.map(Math.fround), input: 'narrow', output: 'scores' }
  return accept({
    nodes: [toFloat(input, 'narrow'), treeEnsemble(ensemble)],
    initialisers: [],
    scores: base.length,
    what: `, ${made.length} trees`,
  })
}

type Place = { features: number; factor: number; scores: number }

function treeOf(tree: EstimatorTree, place: Place): Result<Tree> {
  const { left, right, feature, threshold, missingLeft, values, target } = tree
  const problem = treeProblem(left, right)
  if (problem !== undefined) return rejectModel('model_form_invalid', problem)
  if ([feature, threshold, missingLeft, values].some((list) => list.length !== left.length)) {
    return rejectModel('model_form_invalid', 'its lists have different lengths')
  }
  const width = target === undefined ? place.scores : 1
  if (values.some((row) => row.length !== width) || (target ?? 0) >= place.scores) {
    return rejectModel('model_form_invalid', `each node must have ${width} values`)
  }
  const nodes = left.map((yes, at): TreeNode => {
    if (yes === -1) return { values: leafValues(values[at] ?? [], target, place.factor) }
    return {
      feature: feature[at] ?? 0,
      compare: 'upTo',
      threshold: floatBelow(threshold[at] ?? 0),
      yes,
      no: right[at] ?? 0,
      isMissingYes: missingLeft[at] === 1,
    }
  })
  const isOutside = nodes.some((node) => 'feature' in node && (node.feature < 0 || node.feature >= place.features))
  return isOutside ? rejectModel('model_form_invalid', 'a node splits a column that is not there') : accept(nodes)
}

/** Zeros add nothing. A leaf needs one value at least. */
function leafValues(values: readonly number[], target: number | undefined, factor: number) {
  const all = values.map((value, at) => ({ target: target ?? at, value: Math.fround(value * factor) }))
  const some = all.filter(({ value }) => value !== 0)
  return some.length > 0 ? some : all.slice(0, 1)
}

/**
 * The largest float32 that is not above the number: for each float32 x, `x <= number` if and only if `x <=` the result.
 */
export function floatBelow(number: number): number {
  const near = Math.fround(number)
  if (near <= number) return near
  const bits = new Int32Array(Float32Array.of(near).buffer)
  // The next float towards minus infinity: one less in magnitude above zero, one more below it.
  bits[0] = near > 0 ? (bits[0] ?? 0) - 1 : near === 0 ? -0x7fffffff : (bits[0] ?? 0) + 1
  return new Float32Array(bits.buffer)[0] ?? near
}
