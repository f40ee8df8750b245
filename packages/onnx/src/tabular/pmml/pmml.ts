/**
 * PMML: trees, forests, regressions and neural networks become an ONNX model [PMML 4.4]. They were written by the specification, and were
 * not compared with other software.
 */
import { type Link, TREES_MAX } from '@skerry/contract/models/tabular/estimator'
import { accept, type Result } from '../../refusal.ts'
import { type Converted, ROWS, tabularModel } from '../tabular-model.ts'
import { type TreeNode, treeEnsemble } from '../tree-ensemble.ts'
import {
  childOf,
  childrenOf,
  invalidPmml,
  numberIn,
  type PmmlFields,
  quoted,
  readFields,
  Unreadable,
  unsupportedPmml,
} from './fields.ts'
import { readNetwork } from './neural-network.ts'
import { type RegressionPart, readRegression } from './regression-model.ts'
import { isAlways, type Leaf, predicateOf, readTree } from './tree-model.ts'
import { readXml, type XmlElement } from './xml.ts'

type ReadModel = (model: XmlElement, fields: PmmlFields) => RegressionPart

const MODELS: Readonly<Record<string, ReadModel>> = {
  TreeModel: treesOf,
  MiningModel: treesOf,
  RegressionModel: readRegression,
  NeuralNetwork: readNetwork,
}

/** Elements of a document that are no models. */
const OTHERS = ['Header', 'DataDictionary', 'TransformationDictionary', 'MiningBuildTask', 'Extension']

/** Converts the text of a PMML document. */
export function convertPmml(text: string): Result<Converted> {
  try {
    return accept(converted(text))
  } catch (error) {
    if (error instanceof Unreadable) return error.refusal
    throw error
  }
}

function converted(text: string): Converted {
  const xml = readXml(text)
  if (!xml.ok) throw invalidPmml(xml.message)
  const { root } = xml
  if (root.name !== 'PMML') throw invalidPmml(`the document is ${quoted(root.name)}, not PMML`)
  const models = root.children.filter(({ name }) => !OTHERS.includes(name))
  const [model] = models
  if (!model || models.length > 1) throw invalidPmml('the document must have one model')
  const read = Object.hasOwn(MODELS, model.name) ? MODELS[model.name] : undefined
  if (!read) throw unsupportedPmml(`the model ${quoted(model.name)}`)
  if (childOf(model, 'Targets')) throw unsupportedPmml('the element Targets')
  const fields = readFields(root, model)
  const made = read(model, fields)
  const labels = fields.classes.map((name) => (/^-?\d{1,15}$/.test(name) ? Number(name) : name))
  const header = childOf(root, 'Header')
  const application = header && childOf(header, 'Application')?.attributes
  return tabularModel({
    form: 'pmml',
    framework: `PMML ${root.attributes.version ?? ''} ${application?.name ?? ''} ${application?.version ?? ''}`
      .trim()
      .slice(0, 200),
    what: made.what,
    features: fields.columns.length,
    nodes: made.nodes,
    initialisers: made.initialisers,
    scores: made.scores,
    link: made.link,
    classes: fields.isClassifier
      ? labels.every((label) => typeof label === 'number')
        ? labels
        : [...fields.classes]
      : undefined,
    columns: fields.columns,
  })
}

/** A part of the answer: a tree, and the factor of its values. */
type Part = { model: XmlElement; factor: number; isVote: boolean }

function treesOf(model: XmlElement, fields: PmmlFields): RegressionPart {
  const parts = model.name === 'TreeModel' ? [{ model, factor: 1, isVote: false }] : segmentsOf(model)
  const scores = fields.isClassifier ? fields.classes.length : 1
  const trees = parts.map((part): TreeNode[] => {
    const of = (node: XmlElement) => (fields.isClassifier ? leafShares(node, fields, part) : leafValue(node, part))
    return readTree(part.model, fields, { of, scores })
  })
  const base = Array.from({ length: scores }, () => 0)
  const link: Link = fields.isClassifier ? 'shares' : 'none'
  return {
    nodes: [treeEnsemble({ trees, base, input: ROWS, output: 'scores' })],
    initialisers: [],
    scores,
    link,
    what: `${model.attributes.modelName ?? model.name}, ${trees.length} trees`.slice(0, 500),
  }
}

/** [MiningModel, multipleModelMethod] The segments, with the weight of each. */
function segmentsOf(model: XmlElement): Part[] {
  const segmentation = childOf(model, 'Segmentation')
  if (!segmentation) throw unsupportedPmml('a MiningModel without Segmentation')
  const method = segmentation.attributes.multipleModelMethod ?? ''
  const segments = childrenOf(segmentation, 'Segment')
  if (segments.length === 0 || segments.length > TREES_MAX)
    throw invalidPmml(`there must be 1 to ${TREES_MAX} segments`)
  const isWeighted = method.startsWith('weighted')
  const weights = segments.map((segment) => (isWeighted ? numberIn(segment, 'weight', 1) : 1))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (total === 0) throw invalidPmml('the weights of the segments are zero together')
  const isClassifier = model.attributes.functionName === 'classification'
  const allowed = [
    'average',
    'weightedAverage',
    ...(isClassifier ? ['majorityVote', 'weightedMajorityVote'] : ['sum', 'weightedSum']),
  ]
  if (!allowed.includes(method))
    throw unsupportedPmml(`the method ${quoted(method)} of a ${model.attributes.functionName} forest`)
  return segments.map((segment, at) => {
    if (!isAlways(predicateOf(segment))) throw unsupportedPmml('a segment with a condition')
    const tree = childOf(segment, 'TreeModel')
    if (!tree) throw unsupportedPmml('a segment that is no tree')
    if (tree.attributes.functionName !== model.attributes.functionName)
      throw unsupportedPmml('a segment with another function than its forest')
    refuseOwnFields(tree)
    const share = method.endsWith('um') ? 1 : total
    return { model: tree, factor: (weights[at] ?? 1) / share, isVote: method.endsWith('Vote') }
  })
}

/** A segment may name fewer fields. Its own aliases and targets would change their meaning. */
function refuseOwnFields(tree: XmlElement): void {
  const own = tree.children.find(({ name }) => ['LocalTransformations', 'Targets'].includes(name))
  if (own) throw unsupportedPmml(`${own.name} of a segment`)
}

function leafValue(node: XmlElement, { factor }: Part): Leaf {
  return [{ target: 0, value: Math.fround(numberIn(node, 'score') * factor) }]
}

/** [ScoreDistribution] The share of each class, or the whole for the class that the node names. */
function leafShares(node: XmlElement, { classes }: PmmlFields, { factor, isVote }: Part): Leaf {
  const rows = isVote ? [] : childrenOf(node, 'ScoreDistribution')
  const placeOf = (name: string | undefined) => {
    const place = classes.indexOf(name ?? '')
    if (place === -1) throw invalidPmml(`the class ${quoted(name)} is no value of the target`)
    return place
  }
  if (rows.length === 0) return [{ target: placeOf(node.attributes.score), value: Math.fround(factor) }]
  const key = rows.every(({ attributes }) => attributes.probability !== undefined) ? 'probability' : 'recordCount'
  const counts = rows.map((row) => ({ target: placeOf(row.attributes.value), count: numberIn(row, key) }))
  const total = counts.reduce((sum, { count }) => sum + count, 0)
  if (!(total > 0)) throw invalidPmml('a ScoreDistribution counts no rows')
  return counts.map(({ target, count }) => ({ target, value: Math.fround((count / total) * factor) }))
}
