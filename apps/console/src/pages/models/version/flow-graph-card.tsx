/**
 * Flow graph: the parts of a flow as a drawing, from inputs over steps to sinks. The definition of a selected part
 * shows below.
 */
import type { Flow } from '@skerry/contract/flows/flow'
import type { FlowPartLook } from '@skerry/contract/flows/flow-look'
import { useMemo, useState } from 'react'
import { Card } from '../../../components/card.tsx'
import { cn } from '../../../components/class-names.ts'
import { Scrollable } from '../../../components/scrollable.tsx'
import { flowGraphTexts as words } from '../../flows/english-flows.ts'
import { figuresOf, type NodeFigures, seenText } from '../../flows/live/flow-figures.ts'
import { EdgeFigures } from './edge-figures.tsx'
import { flowNodes, layOut, NODE, type PlacedNode } from './flow-layout.ts'
import { FlowPart } from './flow-part.tsx'
import { GraphEdge } from './graph-edge.tsx'

/** The card. With `parts`, it shows the current values. */
export function FlowGraphCard({ flow, parts }: { flow: Flow; parts?: readonly FlowPartLook[] }) {
  const layout = useMemo(() => layOut(flowNodes(flow)), [flow])
  const [chosen, setChosen] = useState<string>()
  const [pointed, setPointed] = useState<string>()
  const lit = pointed ?? chosen
  const { width, height, nodes, edges } = layout
  const near = new Set(edges.filter(({ from, to }) => from === lit || to === lit).flatMap(({ from, to }) => [from, to]))
  const node = nodes.find(({ id }) => id === chosen)
  const figures = useMemo(() => (parts ? figuresOf(nodes, parts) : NO_FIGURES), [nodes, parts])
  return (
    <Card title={words.title} isFlush>
      <Scrollable as="div" aria-label={words.title} className="overflow-auto p-4">
        <div className="relative" style={{ width, height }}>
          <svg width={width} height={height} aria-hidden className="absolute inset-0">
            {edges.map((edge) => (
              <GraphEdge key={`${edge.from} ${edge.to}`} edge={edge} isLit={edge.from === lit || edge.to === lit} />
            ))}
            <EdgeFigures layout={layout} figures={figures} />
          </svg>
          {nodes.map((each) => (
            <Node
              key={each.id}
              node={each}
              figures={figures.get(each.id)}
              isChosen={each.id === chosen}
              isFaint={lit !== undefined && each.id !== lit && !near.has(each.id)}
              onChoose={() => setChosen(each.id === chosen ? undefined : each.id)}
              onPoint={(isIn) => setPointed(isIn ? each.id : undefined)}
            />
          ))}
        </div>
      </Scrollable>
      {node && <FlowPart flow={flow} node={node} look={lookOf(node, parts)} />}
    </Card>
  )
}

const NO_FIGURES: ReadonlyMap<string, NodeFigures> = new Map()

const lookOf = ({ part, name }: PlacedNode, parts: readonly FlowPartLook[] | undefined) =>
  parts?.find((each) => each.part === part && each.name === name)

/** The colour of the side shows the kind, and so do the words. */
const SIDES = { input: 'bg-busy', step: 'bg-idle', sink: 'bg-good' } as const

type NodeProps = {
  node: PlacedNode
  figures: NodeFigures | undefined
  isChosen: boolean
  isFaint: boolean
  onChoose: () => void
  onPoint: (isIn: boolean) => void
}

function Node({ node: { part, name, kind, x, y }, figures, isChosen, isFaint, onChoose, onPoint }: NodeProps) {
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      title={`${name}: ${kind}`}
      onClick={onChoose}
      onFocus={() => onPoint(true)}
      onBlur={() => onPoint(false)}
      onPointerEnter={() => onPoint(true)}
      onPointerLeave={() => onPoint(false)}
      style={{ left: x, top: y, width: NODE.width, height: NODE.height }}
      className={cn(
        'absolute flex items-center gap-2.5 rounded-lg border bg-surface pr-2.5 pl-1.5 text-left hover:border-accent',
        isChosen ? 'border-accent ring-1 ring-accent' : 'border-line-strong',
        isFaint && 'border-line',
      )}
    >
      <span aria-hidden className={cn('h-7 w-1 shrink-0 rounded-full', SIDES[part])} />
      <span className="min-w-0">
        <span className="sr-only">{words.parts[part]} </span>
        <span className="block truncate text-xs font-semibold">{name}</span>
        <NodeLine kind={kind} figures={figures} />
      </span>
    </button>
  )
}

/** The kind of the part; or its newest value while somebody watches. */
function NodeLine({ kind, figures }: { kind: string; figures: NodeFigures | undefined }) {
  const newest = figures?.newest
  if (!newest) return <span className="block truncate font-mono text-2xs text-soft">{kind}</span>
  return (
    <span className={cn('block truncate font-mono text-2xs', newest.quality === 'bad' ? 'text-bad' : 'text-text')}>
      {seenText(newest, figures?.unit)}
    </span>
  )
}
