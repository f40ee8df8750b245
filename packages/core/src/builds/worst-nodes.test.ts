import { expect, test } from 'vitest'
import { canReturnNodes, nextReturn, worstNodesText } from './worst-nodes.ts'

const facts = { rewritten: 100, returned: 0, remainingMs: 60_000, lastTryMs: 1_000 }

test('each try returns twice as many nodes, five times at most', () => {
  const tries: number[] = []
  for (let next = nextReturn(facts); next !== undefined; next = nextReturn({ ...facts, returned: next }))
    tries.push(next)
  expect(tries).toEqual([1, 2, 4, 8, 16])
})

test('no more than half of the nodes return', () => {
  expect(nextReturn({ ...facts, rewritten: 8, returned: 4 })).toBeUndefined()
  expect(nextReturn({ ...facts, rewritten: 8, returned: 2 })).toBe(4)
  expect(nextReturn({ ...facts, rewritten: 1 })).toBeUndefined()
})

test('no try begins that would probably take longer than the time that is left', () => {
  expect(nextReturn({ ...facts, remainingMs: 999 })).toBeUndefined()
})

test('a recipe that only stores weights in other bits has no nodes to return', () => {
  expect(canReturnNodes('float16')).toBe(false)
  expect(canReturnNodes('static-int8-minmax')).toBe(true)
})

test('a refusal names the three worst nodes', () => {
  const nodes = [1.234, 0.5, 0.25, 0.1].map((error, index) => ({
    node: `node "n${index}" (Conv)`,
    operator: 'Conv',
    error,
  }))
  expect(worstNodesText(nodes, 0)).toBe(
    '; the worst nodes are node "n0" (Conv) 1.2 σ, node "n1" (Conv) 0.5 σ, node "n2" (Conv) 0.25 σ',
  )
  expect(worstNodesText(nodes, 2)).toContain(' (with its worst 2 nodes in float); the worst')
  expect(worstNodesText([], 2)).toBe('')
})
