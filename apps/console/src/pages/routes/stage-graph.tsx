/** Stage graph: where a model is cut, and the tensors that pass each cut, as a drawing. */
import type { Pipeline } from '@skerry/contract/routes/pipeline'
import type { RouteStage } from '@skerry/contract/routes/route'
import { useMemo } from 'react'
import { cn } from '../../components/class-names.ts'
import { Scrollable } from '../../components/scrollable.tsx'
import { layOut, NODE, type PlacedEdge, type PlacedNode } from '../models/version/flow-layout.ts'
import { GraphEdge } from '../models/version/graph-edge.tsx'
import { routesTexts } from './english-routes.ts'
import { edgeId, stageDrawing } from './stage-parts.ts'

const words = routesTexts.stages

type StageGraphProps = { stages: readonly RouteStage[]; outputs: Pipeline['outputs'] }

export function StageGraph({ stages, outputs }: StageGraphProps) {
  const { layout, passed } = useMemo(() => {
    const drawing = stageDrawing(stages, outputs, words.shape)
    return { layout: layOut(drawing.nodes), passed: drawing.passed }
  }, [stages, outputs])
  const { width, height, nodes, edges } = layout
  return (
    <Scrollable as="div" aria-label={words.graph} className="overflow-auto border-b border-line p-4">
      <div className="relative" style={{ width, height }}>
        <svg width={width} height={height} aria-hidden className="absolute inset-0">
          {edges.map((edge) => (
            <Passage key={edgeId(edge.from, edge.to)} edge={edge} tensors={passed.get(edgeId(edge.from, edge.to))} />
          ))}
        </svg>
        {nodes.map((node) => (
          <Part key={node.id} node={node} />
        ))}
      </div>
    </Scrollable>
  )
}

/** The words have room between two columns only if they are short: the table below has all of them. */
function Passage({ edge, tensors }: { edge: PlacedEdge; tensors: RouteStage['takes'] | undefined }) {
  const [first, second] = edge.points
  return (
    <>
      <GraphEdge edge={edge} />
      {tensors && first && second && (
        <text
          x={(first.x + second.x) / 2}
          y={(first.y + second.y) / 2 - 4}
          textAnchor="middle"
          className="fill-soft text-2xs"
        >
          {words.passed(tensors.length)}
        </text>
      )}
    </>
  )
}

const SIDES = { input: 'bg-busy', step: 'bg-idle', sink: 'bg-good' } as const

const Part = ({ node: { part, name, kind, x, y } }: { node: PlacedNode }) => (
  <div
    style={{ left: x, top: y, width: NODE.width, height: NODE.height }}
    className="absolute flex items-center gap-2.5 rounded-lg border border-line-strong bg-surface pr-2.5 pl-1.5"
  >
    <span aria-hidden className={cn('h-7 w-1 shrink-0 rounded-full', SIDES[part])} />
    <span className="min-w-0">
      <span className="block truncate text-xs font-semibold">{name}</span>
      <span className="block truncate font-mono text-2xs text-soft">{part === 'step' ? words.at(kind) : kind}</span>
    </span>
  </div>
)
