/**
 * Flow layout: where the parts of a flow stand when it is drawn: inputs on the left, each step right of all it is made of, sinks on the right. Edges
 * over several columns pass through places of their own, so that none runs through a part.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import { signalsOf } from '@skerry/contract/flows/flow-step'

export type FlowNode = {
  id: string
  part: 'input' | 'step' | 'sink'
  name: string
  /** What it is, in a word or two. */
  kind: string
  from: readonly string[]
  /** The inputs that are drawn as this one; it alone where absent. */
  inputs?: readonly string[]
}

export type PlacedNode = FlowNode & { x: number; y: number }
export type PlacedEdge = { from: string; to: string; points: readonly { x: number; y: number }[] }
export type FlowLayout = { nodes: readonly PlacedNode[]; edges: readonly PlacedEdge[]; width: number; height: number }

export const NODE = { width: 164, height: 46 } as const
const GAP = { column: 56, row: 14 } as const
/** What an edge that passes needs of a column. */
const PASSAGE = 10
const MARGIN = 6
/** [Sugiyama 1981] After a few sweeps nothing moves any more; the drawing need not be the best. */
const SWEEPS = 6
/** More inputs than these are drawn as one for each source: nobody reads a hundred boxes. */
const INPUTS_DRAWN = 24

/** The parts, with what each is made of. */
export function flowNodes({ inputs, steps, sinks }: Flow): FlowNode[] {
  const isGrouped = inputs.length > INPUTS_DRAWN
  const bySource = Map.groupBy(inputs, ({ source }) => source)
  const idOfInput = new Map(inputs.map(({ name, source }) => [name, isGrouped ? `source ${source}` : `signal ${name}`]))
  const idOf = (signal: string) => idOfInput.get(signal) ?? `signal ${signal}`
  const idsOf = (signals: readonly string[]) => [...new Set(signals.map(idOf))]
  const first: FlowNode[] = isGrouped
    ? [...bySource].map(([source, of]) => ({
        ...input(`source ${source}`, source, `${of.length} tags`),
        inputs: of.map(({ name }) => name),
      }))
    : inputs.map(({ name, source, tag }) => input(`signal ${name}`, name, `${source}/${tag}`))
  return [
    ...first,
    ...steps.map((step) => ({
      id: `signal ${step.name}`,
      part: 'step' as const,
      name: step.name,
      kind: step.kind,
      from: idsOf(signalsOf(step)),
    })),
    ...sinks.map((sink) => ({
      id: `sink ${sink.name}`,
      part: 'sink' as const,
      name: sink.name,
      kind: sinkKind(sink),
      from: idsOf([sink.from]),
    })),
  ]
}

const input = (id: string, name: string, kind: string): FlowNode => ({ id, part: 'input', name, kind, from: [] })

function sinkKind(sink: Flow['sinks'][number]): string {
  if (sink.kind === 'tag') return `to ${sink.source}/${sink.tag}`
  return sink.kind === 'hub' ? 'to the hub' : `to ${sink.sink}`
}

type Cell = { id: string; node?: FlowNode; above: string[] }

/** Places them. */
export function layOut(nodes: readonly FlowNode[]): FlowLayout {
  const columnOf = columnsOf(nodes)
  const { columns, paths } = passagesOf(nodes, columnOf)
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) sortColumns(columns, sweep % 2 === 0)
  const heights = columns.map((cells) => cells.reduce((sum, { node }) => sum + heightOf(node) + GAP.row, -GAP.row))
  const height = Math.max(NODE.height, ...heights)
  const places = new Map<string, { x: number; y: number }>()
  columns.forEach((cells, column) => {
    let top = MARGIN + (height - (heights[column] ?? 0)) / 2
    for (const { id, node } of cells) {
      places.set(id, { x: MARGIN + column * (NODE.width + GAP.column), y: top })
      top += heightOf(node) + GAP.row
    }
  })
  const placeOf = (id: string) => places.get(id) ?? { x: 0, y: 0 }
  return {
    nodes: nodes.map((node) => ({ ...node, ...placeOf(node.id) })),
    edges: paths.map(({ from, to, through }) => ({ from, to, points: pointsOf(placeOf, { from, to, through }) })),
    width: 2 * MARGIN + columns.length * (NODE.width + GAP.column) - GAP.column,
    height: 2 * MARGIN + height,
  }
}

const heightOf = (node: FlowNode | undefined) => (node ? NODE.height : PASSAGE)

/** Each right of what it is made of; sinks all in the last one. A flow names a signal before it is used, so one pass is enough. */
function columnsOf(nodes: readonly FlowNode[]): Map<string, number> {
  const columns = new Map<string, number>()
  for (const { id, from } of nodes) columns.set(id, Math.max(-1, ...from.map((each) => columns.get(each) ?? 0)) + 1)
  const last = Math.max(1, ...columns.values())
  for (const { id, part } of nodes) if (part === 'sink') columns.set(id, last)
  return columns
}

type Path = { from: string; to: string; through: string[] }

function passagesOf(nodes: readonly FlowNode[], columnOf: ReadonlyMap<string, number>) {
  const columns: Cell[][] = Array.from({ length: Math.max(0, ...columnOf.values()) + 1 }, () => [])
  const paths: Path[] = []
  for (const node of nodes) {
    const column = columnOf.get(node.id) ?? 0
    const above: string[] = []
    for (const from of node.from) {
      const through: string[] = []
      let last = from
      for (let between = (columnOf.get(from) ?? 0) + 1; between < column; between += 1) {
        const id = `${from} > ${node.id} ${between}`
        columns[between]?.push({ id, above: [last] })
        through.push(id)
        last = id
      }
      above.push(last)
      paths.push({ from, to: node.id, through })
    }
    columns[column]?.push({ id: node.id, node, above })
  }
  return { columns, paths }
}

/** Each cell goes to the middle of those that it hangs on: to the right, then back to the left. */
function sortColumns(columns: Cell[][], isForward: boolean): void {
  const below = new Map<string, string[]>()
  for (const { id, above } of columns.flat())
    for (const each of above) below.set(each, [...(below.get(each) ?? []), id])
  const order = isForward ? [...columns.keys()].slice(1) : [...columns.keys()].toReversed().slice(1)
  for (const index of order) {
    const cells = columns[index] ?? []
    const neighbours = columns[isForward ? index - 1 : index + 1] ?? []
    const rankOf = new Map(neighbours.map(({ id }, rank) => [id, rank]))
    const middleOf = ({ id, above }: Cell, rank: number) => {
      const ranks = (isForward ? above : (below.get(id) ?? [])).flatMap((each) => rankOf.get(each) ?? [])
      return ranks.length === 0 ? rank : ranks.reduce((sum, each) => sum + each, 0) / ranks.length
    }
    const middles = new Map(cells.map((cell, rank) => [cell.id, middleOf(cell, rank)]))
    columns[index] = cells.toSorted((a, b) => (middles.get(a.id) ?? 0) - (middles.get(b.id) ?? 0))
  }
}

/** From the right side of one to the left side of the other, level with each passage between. */
function pointsOf(placeOf: (id: string) => { x: number; y: number }, { from, to, through }: Path) {
  const start = placeOf(from)
  const end = placeOf(to)
  const passages = through.map(placeOf).flatMap(({ x, y }) => [
    { x, y: y + PASSAGE / 2 },
    { x: x + NODE.width, y: y + PASSAGE / 2 },
  ])
  return [
    { x: start.x + NODE.width, y: start.y + NODE.height / 2 },
    ...passages,
    { x: end.x, y: end.y + NODE.height / 2 },
  ]
}
