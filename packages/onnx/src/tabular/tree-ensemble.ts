/** Tree ensemble: decision trees of any framework as one node of ONNX [ai.onnx.ml, TreeEnsembleRegressor-3]. */
import type { AttributePart, NodePart } from '../build.ts'

/** below: `x < threshold`. upTo: `x <= threshold`. is: `x == threshold`. */
export type Comparison = 'below' | 'upTo' | 'is'

export type TreeNode =
  | { values: readonly { target: number; value: number }[] }
  | {
      feature: number
      compare: Comparison
      /** Rounded to 32 bits by the caller, in the direction that changes no comparison. */
      threshold: number
      /** Indexes of nodes of the same tree. */
      yes: number
      no: number
      /** A missing value (NaN) answers the comparison with yes. */
      isMissingYes: boolean
    }

/** The first node is the root. */
export type Tree = readonly TreeNode[]

const MODES: Readonly<Record<Comparison, string>> = { below: 'BRANCH_LT', upTo: 'BRANCH_LEQ', is: 'BRANCH_EQ' }

type Ensemble = { trees: readonly Tree[]; base: readonly number[]; input: string; output: string }

/** The node that adds up the values of all trees, and the base, for each target. */
export function treeEnsemble({ trees, base, input, output }: Ensemble): NodePart {
  const columns = columnsOf(trees)
  return {
    operator: 'TreeEnsembleRegressor',
    domain: 'ai.onnx.ml',
    inputs: [input],
    outputs: [output],
    attributes: {
      ...columns,
      n_targets: { int: base.length },
      base_values: { floats: base },
      aggregate_function: { text: 'SUM' },
      post_transform: { text: 'NONE' },
    },
  }
}

/** The attributes are columns: one entry for each node of each tree, and one for each value of each leaf. */
function columnsOf(trees: readonly Tree[]): Record<string, AttributePart> {
  const nodes = trees.flatMap((tree, treeId) => tree.map((node, nodeId) => ({ treeId, nodeId, ...splitOf(node) })))
  const leaves = trees.flatMap((tree, treeId) =>
    tree.flatMap((node, nodeId) => ('values' in node ? node.values.map((one) => ({ treeId, nodeId, ...one })) : [])),
  )
  const ints = (of: (node: (typeof nodes)[number]) => number) => ({ ints: nodes.map(of) })
  return {
    nodes_treeids: ints(({ treeId }) => treeId),
    nodes_nodeids: ints(({ nodeId }) => nodeId),
    nodes_featureids: ints(({ feature }) => feature),
    nodes_values: { floats: nodes.map(({ threshold }) => threshold) },
    nodes_modes: { texts: nodes.map(({ mode }) => mode) },
    nodes_truenodeids: ints(({ yes }) => yes),
    nodes_falsenodeids: ints(({ no }) => no),
    nodes_missing_value_tracks_true: ints(({ isMissingYes }) => (isMissingYes ? 1 : 0)),
    target_treeids: { ints: leaves.map(({ treeId }) => treeId) },
    target_nodeids: { ints: leaves.map(({ nodeId }) => nodeId) },
    target_ids: { ints: leaves.map(({ target }) => target) },
    target_weights: { floats: leaves.map(({ value }) => value) },
  }
}

const LEAF = { feature: 0, threshold: 0, mode: 'LEAF', yes: 0, no: 0, isMissingYes: false }

const splitOf = (node: TreeNode) => ('values' in node ? LEAF : { ...node, mode: MODES[node.compare] })

/**
 * Why the arrays of a tree are no tree; undefined if they are one. Each child comes after its parent in neither framework
 * by rule, so that the walk looks for circles.
 */
export function treeProblem(left: readonly number[], right: readonly number[]): string | undefined {
  if (left.length !== right.length) return 'its lists of children have different lengths'
  const seen = new Uint8Array(left.length)
  const waiting = [0]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (seen[at]) return `node ${at} has two parents`
    seen[at] = 1
    const [yes = -1, no = -1] = [left[at], right[at]]
    if ((yes === -1) !== (no === -1)) return `node ${at} has one child`
    if (yes === -1) continue
    if (yes >= left.length || no >= left.length) return `a child of node ${at} is missing`
    waiting.push(yes, no)
  }
  return undefined
}
