/** Tree model: a TreeModel of PMML as a tree of comparisons [PMML 4.4, TreeModel]. */

import { floatBelow } from '../estimator.ts'
import type { Comparison, TreeNode } from '../tree-ensemble.ts'
import { childrenOf, invalidPmml, numberIn, type PmmlFields, quoted, unsupportedPmml } from './fields.ts'
import type { XmlElement } from './xml.ts'

/** The scores that a leaf adds. */
export type Leaf = Extract<TreeNode, { values: unknown }>['values']

type Reading = {
  fields: PmmlFields
  nodes: TreeNode[]
  leafOf: (node: XmlElement) => Leaf
  /** The place of the leaf without an answer, once there is one. */
  nothing: number | undefined
  strategy: { missing: string; noTrueChild: string }
  scores: number
}

const MISSING = ['none', 'nullPrediction', 'lastPrediction', 'defaultChild']
const NO_TRUE_CHILD = ['returnNullPrediction', 'returnLastPrediction']

/** Reads the tree. `leafOf` gives the scores of a node that answers. */
export function readTree(
  model: XmlElement,
  fields: PmmlFields,
  leaf: { of: Reading['leafOf']; scores: number },
): TreeNode[] {
  const { missingValueStrategy: missing = 'none', noTrueChildStrategy: noTrueChild = 'returnNullPrediction' } =
    model.attributes
  if (!MISSING.includes(missing)) throw unsupportedPmml(`the strategy ${quoted(missing)} for missing values`)
  if (!NO_TRUE_CHILD.includes(noTrueChild)) throw unsupportedPmml(`the strategy ${quoted(noTrueChild)}`)
  const [root] = childrenOf(model, 'Node')
  if (!root) throw invalidPmml('a TreeModel has no Node')
  if (!isAlways(predicateOf(root))) throw unsupportedPmml('a tree whose root has a condition')
  const reading: Reading = {
    fields,
    nodes: [],
    leafOf: leaf.of,
    scores: leaf.scores,
    nothing: undefined,
    strategy: { missing, noTrueChild },
  }
  addNode(reading, root)
  return reading.nodes
}

/** A split by category has some dozens. */
const CHILDREN_MAX = 1_000

/** Adds the node with all below it, and returns its place. */
function addNode(reading: Reading, node: XmlElement): number {
  const children = childrenOf(node, 'Node')
  if (children.length === 0) return addLeaf(reading, reading.leafOf(node))
  if (children.length > CHILDREN_MAX) throw invalidPmml(`a Node has more than ${CHILDREN_MAX} children`)
  return addChildren(reading, node, children)
}

/** [TreeModel, scoring] The first child whose condition is true goes on. */
function addChildren(reading: Reading, node: XmlElement, children: readonly XmlElement[]): number {
  const [child, ...others] = children
  if (!child)
    return reading.strategy.noTrueChild === 'returnLastPrediction'
      ? addLeaf(reading, reading.leafOf(node))
      : addNothing(reading)
  const predicate = predicateOf(child)
  if (isAlways(predicate)) return addNode(reading, child)
  if (predicate.name === 'False') return addChildren(reading, node, others)
  const test = testOf(reading, predicate)
  const at = reserve(reading)
  const yes = addNode(reading, child)
  // The second of two opposite conditions is true if the first one is not: it needs no comparison.
  const [next] = others
  const isOpposite = next !== undefined && others.length === 1 && areOpposite(predicate, predicateOf(next))
  const no = isOpposite ? addNode(reading, next) : addChildren(reading, node, others)
  const [then, otherwise] = test.isNot ? [no, yes] : [yes, no]
  const place = { feature: test.feature, compare: test.compare, threshold: test.threshold }
  if (test.isMissing !== undefined) {
    // "is missing" and "is not missing" are comparisons with an infinite number, which only a missing value answers.
    reading.nodes[at] = { ...place, yes: then, no: otherwise, isMissingYes: true }
    return at
  }
  const missing = missingPlace(reading, node, { yes, no, isOpposite, children })
  if (missing === then || missing === otherwise) {
    reading.nodes[at] = { ...place, yes: then, no: otherwise, isMissingYes: missing === then }
    return at
  }
  const inner = reserve(reading)
  reading.nodes[inner] = { ...place, yes: then, no: otherwise, isMissingYes: false }
  reading.nodes[at] = { ...place, ...IS_MISSING, yes: missing, no: inner, isMissingYes: true }
  return at
}

/** No number is below minus infinity. */
const IS_MISSING = { compare: 'below', threshold: Number.NEGATIVE_INFINITY } as const

type Ways = { yes: number; no: number; isOpposite: boolean; children: readonly XmlElement[] }

/**
 * The place at which a row goes on whose value is missing [PMML 4.4, missingValueStrategy]. none: each comparison with the
 * value is false, so that the next child is tried.
 */
function missingPlace(reading: Reading, node: XmlElement, { yes, no, isOpposite, children }: Ways): number {
  const { missing } = reading.strategy
  if (missing === 'none') return isOpposite ? addChildren(reading, node, []) : no
  if (missing === 'lastPrediction') return addLeaf(reading, reading.leafOf(node))
  const { defaultChild } = node.attributes
  if (missing === 'nullPrediction' || defaultChild === undefined) return addNothing(reading)
  if (children[0]?.attributes.id === defaultChild) return yes
  if (children.length === 2 && children[1]?.attributes.id === defaultChild) return no
  throw unsupportedPmml('a default child beyond two children')
}

function reserve({ nodes }: Reading): number {
  return nodes.push({ values: [] }) - 1
}

function addLeaf({ nodes }: Reading, values: Leaf): number {
  return nodes.push({ values }) - 1
}

/** PMML has no answer there: the answer is NaN. One leaf serves the whole tree. */
function addNothing(reading: Reading): number {
  reading.nothing ??= addLeaf(
    reading,
    Array.from({ length: reading.scores }, (_, target) => ({ target, value: Number.NaN })),
  )
  return reading.nothing
}

const PREDICATES = ['SimplePredicate', 'CompoundPredicate', 'SimpleSetPredicate', 'True', 'False']

/** The condition of a node. */
export function predicateOf({ children }: XmlElement): XmlElement {
  const found = children.find(({ name }) => PREDICATES.includes(name))
  if (!found) throw invalidPmml('a Node or Segment has no condition')
  return found
}

export const isAlways = ({ name }: XmlElement): boolean => name === 'True'

type Test = { feature: number; compare: Comparison; threshold: number; isNot: boolean; isMissing?: true }

const COMPARISONS: Readonly<Record<string, { compare: Comparison; isNot: boolean }>> = {
  lessThan: { compare: 'below', isNot: false },
  lessOrEqual: { compare: 'upTo', isNot: false },
  greaterThan: { compare: 'upTo', isNot: true },
  greaterOrEqual: { compare: 'below', isNot: true },
  equal: { compare: 'is', isNot: false },
  notEqual: { compare: 'is', isNot: true },
}

function testOf({ fields }: Reading, predicate: XmlElement): Test {
  if (predicate.name !== 'SimplePredicate') throw unsupportedPmml(`the condition ${quoted(predicate.name)}`)
  const { operator = '', field } = predicate.attributes
  const feature = fields.placeOf(field)
  if (operator === 'isMissing' || operator === 'isNotMissing')
    return { feature, ...IS_MISSING, isNot: operator === 'isNotMissing', isMissing: true }
  const comparison = COMPARISONS[operator]
  if (!comparison) throw unsupportedPmml(`the operator ${quoted(operator)}`)
  const value = numberIn(predicate, 'value')
  // The column has 32 bits: the threshold is rounded so that no such number changes its side.
  const below = floatBelow(value)
  const isExact = below === value
  const compare = comparison.compare === 'below' && !isExact ? 'upTo' : comparison.compare
  return {
    feature,
    compare,
    threshold: comparison.compare === 'is' ? Math.fround(value) : below,
    isNot: comparison.isNot,
  }
}

const OPPOSITES: Readonly<Record<string, string>> = {
  lessThan: 'greaterOrEqual',
  greaterOrEqual: 'lessThan',
  lessOrEqual: 'greaterThan',
  greaterThan: 'lessOrEqual',
  equal: 'notEqual',
  notEqual: 'equal',
  isMissing: 'isNotMissing',
  isNotMissing: 'isMissing',
}

/** Whether exactly one of both is true for each value that is not missing. */
function areOpposite(one: XmlElement, other: XmlElement): boolean {
  if (one.name !== 'SimplePredicate' || other.name !== 'SimplePredicate') return false
  const [a, b] = [one.attributes, other.attributes]
  return a.field === b.field && a.value === b.value && OPPOSITES[a.operator ?? ''] === b.operator
}
