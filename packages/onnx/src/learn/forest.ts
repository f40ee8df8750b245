/**
 * Isolation forest [Liu, Ting and Zhou 2008]: random cuts isolate unusual rows after few steps. The share of a tag is the
 * part by which the score falls if the features of the tag take their usual values.
 */
import { type Tree, type TreeNode, treeEnsemble } from '../tabular/tree-ensemble.ts'
import { type DetectorHead, floats, ints, node } from './detector-model.ts'
import { chanceOf } from './numbers.ts'
import { FEATURES_OF_TAG } from './windows.ts'

/** The paper's forest has 100 trees of 256 rows. Half of the rows isolate as well here, and halve the file. */
const TREES = 100
const ROWS_OF_TREE = 128
const DEPTH_MAX = Math.ceil(Math.log2(ROWS_OF_TREE))

/** [Euler-Mascheroni] */
const EULER = 0.577_215_664_9

/** The mean number of steps to isolate a row among so many. */
function stepsAmong(rows: number): number {
  if (rows <= 1) return 0
  if (rows === 2) return 1
  return 2 * (Math.log(rows - 1) + EULER) - (2 * (rows - 1)) / rows
}

type Growing = { features: Float64Array; width: number; chance: () => number; nodes: TreeNode[] }

function growTree(features: Float64Array, width: number, chance: () => number): Tree {
  const count = features.length / width
  const rows = Array.from({ length: Math.min(ROWS_OF_TREE, count) }, () => Math.floor(chance() * count))
  const it: Growing = { features, width, chance, nodes: [] }
  grow(it, rows, 0)
  return it.nodes
}

/** The number of the new node. */
function grow(it: Growing, rows: readonly number[], depth: number): number {
  const place = it.nodes.length
  const cut = depth < DEPTH_MAX && rows.length > 1 ? cutOf(it, rows) : undefined
  if (!cut) {
    it.nodes.push({ values: [{ target: 0, value: depth + stepsAmong(rows.length) }] })
    return place
  }
  const { feature, threshold } = cut
  const isBelow = (row: number) => featureOf(it, row, feature) <= threshold
  const below = rows.filter(isBelow)
  const above = rows.filter((row) => !isBelow(row))
  const split = { feature, compare: 'upTo' as const, threshold, yes: 0, no: 0, isMissingYes: false }
  it.nodes.push(split)
  split.yes = grow(it, below, depth + 1)
  split.no = grow(it, above, depth + 1)
  return place
}

const featureOf = ({ features, width }: Growing, row: number, feature: number) =>
  Math.fround(features[row * width + feature] ?? 0)

/** Undefined if the rows differ in no feature that was tried. */
function cutOf(it: Growing, rows: readonly number[]): { feature: number; threshold: number } | undefined {
  for (let tries = 0; tries < it.width; tries += 1) {
    const feature = Math.floor(it.chance() * it.width)
    const values = rows.map((row) => featureOf(it, row, feature))
    const low = Math.min(...values)
    const high = Math.max(...values)
    if (low === high) continue
    const threshold = Math.fround(low + it.chance() * (high - low))
    return { feature, threshold: threshold >= high ? low : threshold }
  }
  return undefined
}

/** `features`: rows of the width. */
export function forestHead(features: Float64Array, width: number, seed: number): DetectorHead {
  const chance = chanceOf(seed)
  const trees = Array.from({ length: TREES }, () => growTree(features, width, chance))
  const tags = width / FEATURES_OF_TAG
  return {
    opsets: { 'ai.onnx.ml': 3 },
    nodes: [
      node('Mul', ['features_lane', 'without_tag'], 'features_replaced'),
      node('Reshape', ['features_replaced', 'as_rows'], 'forest_rows'),
      treeEnsemble({ trees, base: [0], input: 'forest_rows', output: 'steps' }),
      node('Mul', ['steps', 'per_steps'], 'steps_scaled'),
      node('Exp', ['steps_scaled'], 'isolations'),
      node('Reshape', ['isolations', 'as_lanes'], 'lanes'),
      { ...node('Gather', ['lanes', 'lane_all'], 'lane_of_all'), attributes: { axis: { int: 0 } } },
      { ...node('Gather', ['lanes', 'lanes_without'], 'lanes_of_tags'), attributes: { axis: { int: 0 } } },
      node('Reshape', ['lane_of_all', 'as_column'], 'raw'),
      node('Sub', ['lane_of_all', 'lanes_of_tags'], 'falls'),
      node('Relu', ['falls'], 'falls_positive'),
      { ...node('Transpose', ['falls_positive'], 'parts'), attributes: { perm: { ints: [1, 0] } } },
    ].toSpliced(0, 0, node('Unsqueeze', ['features', 'lane_axis'], 'features_lane')),
    initialisers: [
      floats('without_tag', [tags + 1, 1, width], masksOf(tags, width)),
      floats('per_steps', [1], [-Math.LN2 / (TREES * stepsAmong(Math.min(ROWS_OF_TREE, features.length / width)))]),
      ints('lane_axis', [0]),
      ints('as_rows', [-1, width]),
      ints('as_lanes', [tags + 1, -1]),
      ints('as_column', [-1, 1]),
      ints('lane_all', [0]),
      ints(
        'lanes_without',
        Array.from({ length: tags }, (_, tag) => tag + 1),
      ),
    ],
  }
}

/** All features, and then all but those of each tag: the usual value of a feature is 0. */
function masksOf(tags: number, width: number): Float32Array {
  const masks = new Float32Array((tags + 1) * width).fill(1)
  for (let tag = 0; tag < tags; tag += 1)
    for (let kind = 0; kind < FEATURES_OF_TAG; kind += 1) masks[(tag + 1) * width + kind * tags + tag] = 0
  return masks
}
