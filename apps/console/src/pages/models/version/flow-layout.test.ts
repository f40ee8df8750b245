import { Flow } from '@skerry/contract/flows/flow'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FlowNode, flowNodes, layOut, NODE, type PlacedEdge, type PlacedNode } from './flow-layout.ts'

const flow = Flow.parse({
  name: 'pump',
  inputs: [
    { name: 'temperature', source: 'pump-1', tag: 'temperature' },
    { name: 'vibration', source: 'pump-1', tag: 'vibration' },
  ],
  steps: [
    { name: 'kelvin', kind: 'convert', from: 'temperature', unit: { from: '°C', to: 'K' } },
    { name: 'row', kind: 'align', from: ['kelvin', 'vibration'], everyMs: 1_000, maxAgeMs: 5_000 },
  ],
  sinks: [{ name: 'rows', kind: 'hub', from: 'row' }],
})

test('inputs stand on the left, each step right of what it is made of, sinks on the right', () => {
  const { nodes, edges } = layOut(flowNodes(flow))
  const xOf = (name: string) => nodes.find((node) => node.name === name)?.x ?? Number.NaN
  expect(xOf('temperature')).toBe(xOf('vibration'))
  expect(xOf('kelvin')).toBeGreaterThan(xOf('temperature'))
  expect(xOf('row')).toBeGreaterThan(xOf('kelvin'))
  expect(xOf('rows')).toBeGreaterThan(xOf('row'))
  expect(edges).toHaveLength(4)
})

test('many inputs are drawn as one for each source', () => {
  const inputs = Array.from({ length: 60 }, (_, index) => ({
    name: `t${index}`,
    source: `s${index % 2}`,
    tag: `t${index}`,
  }))
  const many = Flow.parse({ ...flow, inputs, steps: [], sinks: [{ name: 'out', kind: 'hub', from: 't7' }] })
  expect(flowNodes(many)).toMatchObject([
    { part: 'input', name: 's0', kind: '30 tags' },
    { part: 'input', name: 's1', kind: '30 tags' },
    { part: 'sink', from: ['source s1'] },
  ])
})

/** Each made of some that were named before it. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 }).map((wishes) =>
  wishes.map((wish, index): FlowNode => {
    const from = index === 0 ? [] : [...new Set(wish.map((each) => `n${each % index}`))]
    return { id: `n${index}`, part: from.length === 0 ? 'input' : 'step', name: `n${index}`, kind: 'x', from }
  }),
)

const isOver = (a: PlacedNode, b: PlacedNode) => a.id !== b.id && a.x === b.x && Math.abs(a.y - b.y) < NODE.height
const isThrough = ({ points }: PlacedEdge, { x, y }: PlacedNode) =>
  points.slice(1, -1).some((point) => point.x === x && point.y > y && point.y < y + NODE.height)
const runsLeft = ({ points }: PlacedEdge) => points.some((point, index) => point.x < (points[index - 1]?.x ?? 0))

test('no two parts lie over each other, no edge runs to the left or through a part, and all is within the drawing', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const { nodes, edges, width, height } = layOut(graph)
      expect(nodes.filter((a) => nodes.some((b) => isOver(a, b)))).toEqual([])
      expect(nodes.every(({ x, y }) => x >= 0 && y >= 0 && x + NODE.width <= width && y + NODE.height <= height)).toBe(
        true,
      )
      expect(edges).toHaveLength(graph.reduce((sum, { from }) => sum + from.length, 0))
      expect(edges.filter((edge) => runsLeft(edge) || nodes.some((node) => isThrough(edge, node)))).toEqual([])
    }),
  )
})
