import { expect, test } from 'vitest'
import { changed, node } from '../test/changed-model.ts'
import type { FunctionPart, NodePart } from './build.ts'

const OPSETS = { 'ai.onnx': 18, twin: 1 }

const call = (name: string, from: string, to: string) => node(name, [from], [to], { domain: 'twin' })

const functionOf = (name: string, ...nodes: NodePart[]): FunctionPart => ({
  domain: 'twin',
  name,
  inputs: ['a'],
  outputs: ['c'],
  nodes,
})

/** `f0` is one node; each other function calls the one before it `times` times. */
const tower = (height: number, times = 2): FunctionPart[] => [
  functionOf('f0', node('Sin', ['a'], ['c'])),
  ...Array.from({ length: height }, (_, level) =>
    functionOf(
      `f${level + 1}`,
      ...Array.from({ length: times }, (_, index) =>
        call(`f${level}`, index === 0 ? 'a' : `t${index}`, index === times - 1 ? 'c' : `t${index + 1}`),
      ),
    ),
  ),
]

const summaryOf = (functions: FunctionPart[], ...nodes: NodePart[]) => changed({ opsets: OPSETS, functions, nodes })

const doubling = (height: number) => summaryOf(tower(height), call(`f${height}`, 'x', 'y'))

test('accepts functions that expand to as many nodes as models have', () => {
  expect(doubling(15)).toMatchObject({ ok: true })
})

test.each([
  [16, '196,607'],
  [30, '3,221,225,471'],
  [99, 'more than 9,007,199,254,740,991'],
])('refuses functions that double the model %i times, with the number of nodes', (height, count) => {
  expect(doubling(height)).toMatchObject({
    ok: false,
    code: 'model_too_complex',
    message: `the functions of the model expand to ${count} nodes, and 100,000 are accepted; export it with fewer calls`,
  })
})

test('counts the calls inside subgraphs, and ignores functions without calls', () => {
  const branch = (name: string) => ({
    graph: { nodes: [call('f15', 'x', name)], inputs: [], outputs: [{ name, datatype: 'FP32' as const, shape: [-1] }] },
  })
  const both = node('If', ['x'], ['y'], { attributes: { then_branch: branch('p'), else_branch: branch('q') } })
  expect(summaryOf(tower(15), both)).toMatchObject({ code: 'model_too_complex' })
  expect(summaryOf(tower(30), call('f3', 'x', 'y'))).toMatchObject({ ok: true })
})

test.each([
  ['functions that nest too deep', tower(101, 1), 'f101'],
  ['a function that calls itself', [functionOf('f', call('f', 'a', 'c'))], 'f'],
  ['functions that call each other', [functionOf('f', call('g', 'a', 'c')), functionOf('g', call('f', 'a', 'c'))], 'g'],
])('refuses %s', (_, functions, first) => {
  expect(summaryOf(functions, call(first, 'x', 'y'))).toMatchObject({
    ok: false,
    code: 'model_too_complex',
    message: expect.stringContaining('more than 100 deep, or a function calls itself'),
  })
})
