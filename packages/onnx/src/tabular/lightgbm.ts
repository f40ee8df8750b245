/**
 * LightGBM: a model in its text form becomes a tree ensemble of ONNX [LightGBM 4, src/boosting/gbdt_model_text.cpp,
 * src/io/tree.cpp]. It was written by the specification, and was not compared with the framework.
 */
import { COLUMNS_MAX, type Link, TREES_MAX } from '@skerry/contract/models/tabular/estimator'
import { accept, quote, type Refusal, type Result, rejectModel } from '../refusal.ts'
import { floatBelow } from './estimator.ts'
import { type Converted, ROWS, tabularModel } from './tabular-model.ts'
import { type Tree, type TreeNode, treeEnsemble, treeProblem } from './tree-ensemble.ts'

type Fields = ReadonlyMap<string, string>

/** Whether the text is a model of LightGBM: its first line is the word `tree`. */
export const isLightgbm = (text: string): boolean => /^tree\r?\n/.test(text)

/** How an objective turns the sum of the trees into answers [src/objective]. */
type Objective = { link: Link; isClassifier?: true }

const VALUES: Objective = { link: 'none' }
const COUNTS: Objective = { link: 'exp' }
const OBJECTIVES: Readonly<Record<string, Objective>> = {
  regression: VALUES,
  regression_l1: VALUES,
  huber: VALUES,
  fair: VALUES,
  quantile: VALUES,
  mape: VALUES,
  lambdarank: VALUES,
  rank_xendcg: VALUES,
  poisson: COUNTS,
  gamma: COUNTS,
  tweedie: COUNTS,
  binary: { link: 'sigmoid', isClassifier: true },
  multiclass: { link: 'softmax', isClassifier: true },
}

/** Ends the reading with a reason. It never leaves this file. */
class Unreadable extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

const invalid = (message: string) => new Unreadable(rejectModel('model_form_invalid', message))
const unsupported = (what: string) =>
  new Unreadable(
    rejectModel('model_form_unsupported', `${what} of LightGBM cannot be expressed; export the model as ONNX`),
  )

/** Converts the text of `save_model("model.txt")`. */
export function convertLightgbm(text: string): Result<Converted> {
  try {
    return accept(converted(text))
  } catch (error) {
    if (error instanceof Unreadable) return error.refusal
    throw error
  }
}

function converted(text: string): Converted {
  const end = text.indexOf('\nend of trees')
  if (end === -1) throw invalid('the line "end of trees" is missing; the file was cut')
  const [head = '', ...blocks] = text.slice(0, end).split(/\n(?=Tree=\d+\r?\n)/)
  const header = fieldsOf(head)
  if (blocks.length === 0) throw invalid('the model has no trees')
  if (blocks.length > TREES_MAX) throw invalid(`the model has more than ${TREES_MAX} trees`)
  const { objective, words } = objectiveOf(header)
  const scores = wholeNumber(header, 'num_tree_per_iteration')
  const features = wholeNumber(header, 'max_feature_idx') + 1
  if (features > COLUMNS_MAX || scores < 1) throw invalid('the number of columns or scores is out of range')
  const factor = factorOf(header, words, blocks.length / scores)
  const trees = blocks.map((block, at) => treeOf(fieldsOf(block), { at, features, target: at % scores, factor }))
  const names = header.get('feature_names')?.split(' ') ?? []
  return tabularModel({
    form: 'lightgbm-text',
    framework: `LightGBM, text ${header.get('version') ?? ''}`.trim(),
    what: `${words.join(' ') || 'no objective'}, ${trees.length} trees`.slice(0, 500),
    features,
    nodes: [treeEnsemble({ trees, base: Array.from({ length: scores }, () => 0), input: ROWS, output: 'scores' })],
    initialisers: [],
    scores,
    link: objective.link,
    classes: objective.isClassifier && Array.from({ length: Math.max(2, scores) }, (_, index) => index),
    columns: names.length === features ? names : undefined,
  })
}

/** Lines of the form `key=value`; other lines are flags. */
const fieldsOf = (block: string): Fields =>
  new Map(
    block.split('\n').map((line) => {
      const [key = '', ...rest] = line.trim().split('=')
      return [key, rest.join('=')]
    }),
  )

function objectiveOf(header: Fields): { objective: Objective; words: string[] } {
  const words = (header.get('objective') ?? '').split(' ').filter((word) => word !== '')
  const [name = 'regression', ...options] = words
  const objective = OBJECTIVES[name]
  if (!objective) throw unsupported(`the objective ${quote(name)}`)
  if (options.includes('sqrt')) throw unsupported('the objective "regression sqrt"')
  return { objective, words }
}

/** A random forest divides the sum by its trees. A binary objective multiplies it by its factor of the sigmoid. */
function factorOf(header: Fields, [name, ...options]: readonly string[], iterations: number): number {
  if (header.has('average_output') && name === 'binary')
    throw unsupported('a random forest with the objective "binary"')
  const sigmoid = options.find((option) => option.startsWith('sigmoid:'))?.slice('sigmoid:'.length)
  const factor = name === 'binary' && sigmoid !== undefined ? Number(sigmoid) : 1
  if (!Number.isFinite(factor)) throw invalid('the factor of the sigmoid is no number')
  return header.has('average_output') ? factor / iterations : factor
}

function wholeNumber(fields: Fields, key: string): number {
  const value = Number(fields.get(key) || Number.NaN)
  if (!Number.isSafeInteger(value) || value < 0) throw invalid(`${key} must be a whole number`)
  return value
}

type Place = { at: number; features: number; target: number; factor: number }

function treeOf(fields: Fields, place: Place): Tree {
  const fail = (message: string) => invalid(`tree ${place.at}: ${message}`)
  const leaves = wholeNumber(fields, 'num_leaves')
  if (fields.get('is_linear') === '1') throw unsupported('a tree with linear leaves')
  if (leaves < 1) throw fail('it has no leaf')
  const splits = leaves - 1
  const numbers = (key: string, count: number) => {
    const text = fields.get(key)?.trim() ?? ''
    const values = text === '' ? [] : text.split(/\s+/).map(Number)
    if (values.length !== count || values.some((value) => Number.isNaN(value)))
      throw fail(`${key} must have ${count} numbers`)
    return values
  }
  const leafNodes = numbers('leaf_value', leaves).map(
    (value): TreeNode => ({
      values: [{ target: place.target, value: Math.fround(value * place.factor) }],
    }),
  )
  if (splits === 0) return leafNodes
  // [Tree, left_child_] A child below zero is the complement of a leaf, which stands behind the splits here.
  const child = (value: number) => (value >= 0 ? value : splits - value - 1)
  const left = numbers('left_child', splits).map(child)
  const right = numbers('right_child', splits).map(child)
  const none = leafNodes.map(() => -1)
  const problem = treeProblem([...left, ...none], [...right, ...none])
  if (problem !== undefined) throw fail(problem)
  const features = numbers('split_feature', splits)
  if (features.some((feature) => !Number.isInteger(feature) || feature < 0 || feature >= place.features))
    throw fail('a node splits a column that is not there')
  const [thresholds, decisions] = [numbers('threshold', splits), numbers('decision_type', splits)]
  const nodes: TreeNode[] = [...left.map((): TreeNode => ({ values: [] })), ...leafNodes]
  const categories = categoriesOf(fields, numbers)
  for (const at of left.keys()) {
    const split: Split = {
      feature: features[at] ?? 0,
      threshold: thresholds[at] ?? 0,
      decision: decisions[at] ?? 0,
      left: left[at] ?? 0,
      right: right[at] ?? 0,
    }
    if (split.decision & CATEGORICAL) addCategories(nodes, at, { ...split, categories: categories(split.threshold) })
    else addNumber(nodes, at, split)
  }
  return nodes
}

/** [include/LightGBM/tree.h] The bits of a decision type: by category, missing goes left, and the kind of missing values. */
const CATEGORICAL = 1
const DEFAULT_LEFT = 2
const MISSING = { zero: 1, nan: 2 } as const

type Split = { feature: number; threshold: number; decision: number; left: number; right: number }

/**
 * [Tree::NumericalDecision] NaN counts as 0 if it is no kind of missing value of the split. If zeros are missing, both
 * zero and NaN go to the default side.
 */
function addNumber(nodes: TreeNode[], at: number, { feature, threshold, decision, left, right }: Split): void {
  const missing = (decision >> 2) & 3
  const isDefaultLeft = (decision & DEFAULT_LEFT) !== 0
  const isZeroLeft = threshold >= 0
  const isMissingYes = missing === MISSING.nan ? isDefaultLeft : isZeroLeft
  const node: TreeNode = {
    feature,
    compare: 'upTo',
    threshold: floatBelow(threshold),
    yes: left,
    no: right,
    isMissingYes,
  }
  if (missing !== MISSING.zero || isDefaultLeft === isZeroLeft) {
    nodes[at] = node
    return
  }
  const yes = isDefaultLeft ? left : right
  nodes[at] = { feature, compare: 'is', threshold: 0, yes, no: nodes.length, isMissingYes: true }
  nodes.push(node)
}

type Categories = (index: number) => number[]

/** [Tree::CategoricalDecision] The threshold of a split by category is the place of its set in the lists of bits. */
function categoriesOf(fields: Fields, numbers: (key: string, count: number) => number[]): Categories {
  const sets = Number(fields.get('num_cat') ?? 0)
  if (!Number.isSafeInteger(sets) || sets < 0) throw invalid('num_cat must be a whole number')
  if (sets === 0) return () => []
  const bounds = numbers('cat_boundaries', sets + 1)
  const words = numbers('cat_threshold', bounds.at(-1) ?? 0)
  return (index) => {
    const own = words.slice(bounds[index], bounds[index + 1])
    return own.flatMap((word, place) =>
      Array.from({ length: 32 }, (_, bit) => bit)
        .filter((bit) => ((word >>> bit) & 1) === 1)
        .map((bit) => place * 32 + bit),
    )
  }
}

/** A row goes left if its category is in the set; a missing one goes right. A chain of comparisons that all lead left. */
function addCategories(nodes: TreeNode[], at: number, split: Split & { categories: readonly number[] }): void {
  const { categories, feature, left, right } = split
  if (categories.length === 0) throw invalid('a split by category has no categories')
  const first = nodes.length
  for (const [index, threshold] of categories.entries()) {
    const no = index === categories.length - 1 ? right : first + index
    const node: TreeNode = { feature, compare: 'is', threshold, yes: left, no, isMissingYes: false }
    nodes[index === 0 ? at : first + index - 1] = node
  }
}
