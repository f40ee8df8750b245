/** Edge figures: beside the lines of a flow's drawing how much leaves each part in a second, and what each part has lost. */
import { flowLiveTexts as words } from '../../flows/live/english-flow-live.ts'
import { fewText, type NodeFigures } from '../../flows/live/flow-figures.ts'
import { type FlowLayout, NODE } from './flow-layout.ts'

type FiguresProps = { layout: FlowLayout; figures: ReadonlyMap<string, NodeFigures> }

/** Above the line, and away from the part. */
const OFFSET = { x: 5, y: 5 } as const

/** The rate stands where lines leave a part, the loss where they come to it. The table under the drawing says the same in words. */
export function EdgeFigures({ layout: { nodes, edges }, figures }: FiguresProps) {
  const leaving = new Set(edges.map(({ from }) => from))
  return nodes.map(({ id, part, x, y }) => {
    const found = figures.get(id)
    if (!found) return null
    const middle = y + NODE.height / 2
    return (
      <g key={id} className="text-2xs tabular">
        {leaving.has(id) && (
          <text x={x + NODE.width + OFFSET.x} y={middle - OFFSET.y} className="fill-text">
            {words.rate(fewText(found.outPerSecond))}
          </text>
        )}
        {found.lost > 0 && (
          <text
            x={part === 'input' ? x + NODE.width + OFFSET.x : x - OFFSET.x}
            y={middle + OFFSET.y + 9}
            textAnchor={part === 'input' ? 'start' : 'end'}
            className="fill-bad font-semibold"
          >
            {words.lost(fewText(found.lost))}
          </text>
        )}
      </g>
    )
  })
}
