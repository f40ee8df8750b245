/**
 * Worst nodes: if a build misses its goal, its worst nodes return to float, and the gate decides again. Each try returns
 * twice as many as the one before, so a few tries go from one node to a good part of the model.
 */
import type { NodeError, Recipe } from '@skerry/contract/builds/build'

/** Recipes that rewrite node by node, so that one node can stay in float. */
const BY_NODE: ReadonlySet<Recipe> = new Set([
  'dynamic-int8',
  'matmul-4bit',
  'matmul-4bit-int8',
  'static-int8-minmax',
  'static-int8-percentile',
  'static-int8-entropy',
  'dynamic-7bit',
  'static-7bit',
])

/** Whether single nodes can stay in float. */
export const canReturnNodes = (recipe: Recipe): boolean => BY_NODE.has(recipe)

/** Returns 1, 2, 4, 8 and 16 nodes. A try takes as long as a build. */
const TRIES_MAX = 5

export type ReturnFacts = {
  /** The nodes that the recipe rewrites if none returns. */
  rewritten: number
  /** The nodes that stayed in float in the last try; 0 before the first. */
  returned: number
  /** Of this recipe, before its time is over. */
  remainingMs: number
  /** How long the last try took. */
  lastTryMs: number
}

/**
 * The number of nodes that are to stay in float in the next try; undefined if there is none. More than half of the nodes
 * never return: such a build saves too little to be of use.
 */
export function nextReturn({ rewritten, returned, remainingMs, lastTryMs }: ReturnFacts): number | undefined {
  const next = returned === 0 ? 1 : returned * 2
  if (next > 2 ** (TRIES_MAX - 1) || next > rewritten / 2) return undefined
  return lastTryMs > remainingMs ? undefined : next
}

/** Names in a message; more would hide the reason before them. */
const NAMED_MAX = 3

/** The end of a refusal: the worst nodes, with their errors. */
export function worstNodesText(nodes: readonly NodeError[], returned: number): string {
  const named = nodes.slice(0, NAMED_MAX).map(({ node, error }) => `${node} ${Number(error.toPrecision(2))} σ`)
  if (named.length === 0) return ''
  const tried = returned === 0 ? '' : ` (with its worst ${nodesText(returned)} in float)`
  return `${tried}; the worst nodes are ${named.join(', ')}`
}

const nodesText = (count: number) => (count === 1 ? 'node' : `${count} nodes`)
