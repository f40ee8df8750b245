/** XGBoost: a model in its JSON form becomes a tree ensemble of ONNX [XGBoost 3.0]. */
import type { Link } from '@skerry/contract/models/tabular/estimator'
import { Xgboost, type XgboostTree } from '@skerry/contract/models/tabular/xgboost'
import { accept, quote, type Refusal, type Result, rejectModel } from '../refusal.ts'
import { type Converted, ROWS, tabularModel } from './tabular-model.ts'
import { type Tree, type TreeNode, treeEnsemble, treeProblem } from './tree-ensemble.ts'

/** How an objective turns the sum of the trees into answers, and its base score into a sum [XGBoost, src/objective]. */
type Objective = { link: Link; toSum: (base: number) => number; isClassifier?: true }

const identity = (base: number) => base
const logit = (base: number) => -Math.log(1 / base - 1)
const VALUES: Objective = { link: 'none', toSum: identity }
const COUNTS: Objective = { link: 'exp', toSum: Math.log }
const TWO: Objective = { link: 'sigmoid', toSum: logit, isClassifier: true }
const MANY: Objective = { link: 'softmax', toSum: identity, isClassifier: true }

const OBJECTIVES: Readonly<Record<string, Objective>> = {
  'reg:squarederror': VALUES,
  'reg:absoluteerror': VALUES,
  'reg:pseudohubererror': VALUES,
  'reg:quantileerror': VALUES,
  'reg:squaredlogerror': VALUES,
  'rank:pairwise': VALUES,
  'rank:ndcg': VALUES,
  'rank:map': VALUES,
  'binary:logistic': TWO,
  'count:poisson': COUNTS,
  'reg:gamma': COUNTS,
  'reg:tweedie': COUNTS,
  'multi:softprob': MANY,
  'multi:softmax': MANY,
}

/** The document is parsed JSON that looks like a model of XGBoost. */
export function convertXgboost(document: unknown): Result<Converted> {
  const read = Xgboost.safeParse(document)
  if (!read.success) {
    const [issue] = read.error.issues
    return rejectModel('model_form_invalid', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is no model'}`)
  }
  const { version, learner } = read.data
  const objective = OBJECTIVES[learner.objective.name]
  if (!objective) return unsupported(`the objective ${quote(learner.objective.name)}`)
  const { learner_model_param: param, gradient_booster: booster } = learner
  if (booster.name === 'gblinear') return unsupported('the booster gblinear')
  const scores = Math.max(1, param.num_class, param.num_target)
  const trees = treesOf(booster, { features: param.num_feature, scores })
  if (!trees.ok) return trees
  const bases = baseScores(param.base_score, scores)
  if (!bases) return rejectModel('model_form_invalid', 'learner.learner_model_param.base_score is no number')
  const base = bases.map((one) => Math.fround(objective.toSum(Math.fround(one))))
  return accept(
    tabularModel({
      form: 'xgboost-json',
      framework: `XGBoost ${version.join('.')}`,
      what: `${learner.objective.name}, ${trees.value.length} trees`,
      features: param.num_feature,
      nodes: [treeEnsemble({ trees: trees.value, base, input: ROWS, output: 'scores' })],
      initialisers: [],
      scores,
      link: objective.link,
      classes: objective.isClassifier && Array.from({ length: Math.max(2, param.num_class) }, (_, at) => at),
    }),
  )
}

type TreeBooster = Exclude<Xgboost['learner']['gradient_booster'], { name: 'gblinear' }>

/** dart multiplies each tree by a weight. */
function treesOf(booster: TreeBooster, { features, scores }: { features: number; scores: number }): Result<Tree[]> {
  const model = booster.name === 'dart' ? booster.gbtree.model : booster.model
  const weights = booster.name === 'dart' ? booster.weight_drop : []
  const trees: Tree[] = []
  for (const [at, tree] of model.trees.entries()) {
    const target = model.tree_info[at] ?? 0
    if (target >= scores) return rejectModel('model_form_invalid', `tree ${at} adds to score ${target} of ${scores}`)
    const made = treeOf(tree, { features, target, weight: Math.fround(weights[at] ?? 1) })
    if (!made.ok) return { ...made, message: `tree ${at}: ${made.message}` }
    trees.push(made.value)
  }
  return accept(trees)
}

const unsupported = (what: string): Refusal =>
  rejectModel('model_form_unsupported', `${what} of XGBoost cannot be expressed; export the model as ONNX`)

/** A number as text, or since XGBoost 3.1 a list such as `[5E-1,1E0]`. Undefined if it is neither. */
function baseScores(text: string | number, scores: number): number[] | undefined {
  const parts = String(text)
    .replaceAll(/^\[|\]$/g, '')
    .split(',')
    .map(Number)
  if (parts.some((one) => !Number.isFinite(one))) return undefined
  return Array.from({ length: scores }, (_, at) => parts[parts.length === 1 ? 0 : at] ?? 0)
}

type Place = { features: number; target: number; weight: number }

function treeOf(tree: XgboostTree, place: Place): Result<Tree> {
  const { left_children: left, right_children: right } = tree
  if (tree.tree_param.size_leaf_vector > 1) return unsupported('a tree with several values a leaf')
  const problem = treeProblem(left, right)
  if (problem !== undefined) return rejectModel('model_form_invalid', problem)
  const nodes: TreeNode[] = left.map(() => ({ values: [] }))
  for (const at of left.keys()) {
    const added = addNode(nodes, tree, at, place)
    if (added) return added
  }
  return accept(nodes)
}

/** Replaces the node; a split by category adds more nodes at the end. Returns why it cannot. */
function addNode(nodes: TreeNode[], tree: XgboostTree, at: number, place: Place): Refusal | undefined {
  const [left = -1, right = -1] = [tree.left_children[at], tree.right_children[at]]
  const isByCategory = left !== -1 && tree.split_type[at] === 1
  const condition = isByCategory ? 0 : tree.split_conditions[at]
  if (typeof condition !== 'number') return rejectModel('model_form_invalid', `node ${at} has no split condition`)
  if (left === -1) {
    nodes[at] = { values: [{ target: place.target, value: Math.fround(Math.fround(condition) * place.weight) }] }
    return undefined
  }
  const feature = tree.split_indices[at] ?? 0
  if (feature >= place.features) return rejectModel('model_form_invalid', `node ${at} splits column ${feature}`)
  const isMissingLeft = tree.default_left[at] ?? false
  if (!isByCategory) {
    nodes[at] = { feature, compare: 'below', threshold: condition, yes: left, no: right, isMissingYes: isMissingLeft }
    return undefined
  }
  const categories = categoriesOf(tree, at)
  if (!categories) return rejectModel('model_form_invalid', `node ${at} has no categories`)
  addCategories(nodes, at, { categories, feature, left, right, isMissingLeft })
  return undefined
}

function categoriesOf(tree: XgboostTree, node: number): number[] | undefined {
  const at = tree.categories_nodes.indexOf(node)
  const [start, size] = [tree.categories_segments[at], tree.categories_sizes[at]]
  if (start === undefined || size === undefined) return undefined
  const found = tree.categories.slice(start, start + size)
  return found.length === size && size > 0 ? found : undefined
}

type Split = { categories: readonly number[]; feature: number; left: number; right: number; isMissingLeft: boolean }

/** A row goes right if its category is in the list: a chain of comparisons that all lead there. */
function addCategories(nodes: TreeNode[], at: number, split: Split): void {
  const { categories, feature, left, right, isMissingLeft } = split
  const first = nodes.length
  for (const [index, category] of categories.entries()) {
    const isLast = index === categories.length - 1
    const node: TreeNode = {
      feature,
      compare: 'is',
      threshold: category,
      yes: right,
      no: isLast ? left : first + index,
      isMissingYes: !isMissingLeft,
    }
    nodes[index === 0 ? at : first + index - 1] = node
  }
}
