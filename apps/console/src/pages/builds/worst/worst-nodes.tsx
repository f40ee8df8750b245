/**
 * Worst nodes: the nodes that a recipe rewrites worst, as ranked bars, above them a line through the model that shows
 * the place of each.
 */
import type { NodeError } from '@skerry/contract/builds/build'
import { cn } from '../../../components/class-names.ts'
import { worstTexts as words } from './english-worst.ts'

type WorstProps = {
  recipe: string
  /** Worst first. */
  nodes: readonly NodeError[]
  /** The number of them, from the worst on, that stayed in float. */
  returned: number
  /** The bars that there is room for. */
  shown: number
}

export function WorstNodes({ recipe, nodes, returned, shown }: WorstProps) {
  const bars = nodes.slice(0, shown)
  const largest = Math.max(...nodes.map(({ error }) => error), Number.MIN_VALUE)
  // Two nodes may have no name, and the order never changes.
  const keyed = bars.map((node, index) => ({ node, key: `${index}`, isFloat: index < returned }))
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <Chain nodes={nodes} returned={returned} />
      <ol aria-label={words.label(recipe)} className="flex flex-col gap-1.5">
        {keyed.map(({ key, ...each }) => (
          <Bar key={key} {...each} share={each.node.error / largest} />
        ))}
      </ol>
      {nodes.length > shown && <p className="text-xs text-soft">{words.more(nodes.length - shown)}</p>}
    </div>
  )
}

type ChainProps = Pick<WorstProps, 'nodes' | 'returned'>

/** The list below says the same in words. */
function Chain({ nodes, returned }: ChainProps) {
  const placed = nodes.flatMap(({ place }, index) => (place ? [{ place, index }] : []))
  if (placed.length === 0) return null
  return (
    <div aria-hidden className="flex items-center gap-2 text-2xs text-soft">
      <span>{words.input}</span>
      <div className="relative h-4 grow">
        <div className="absolute inset-x-0 top-1/2 h-px bg-line-strong" />
        {placed.toReversed().map(({ place, index }) => (
          <div
            key={place.at}
            className={cn(
              'absolute inset-y-0 w-1 -translate-x-1/2 rounded-full',
              index < returned ? 'border border-accent bg-surface' : 'bg-warn',
            )}
            style={{ left: `${(100 * (place.at - 0.5)) / place.of}%` }}
          />
        ))}
      </div>
      <span>{words.output}</span>
    </div>
  )
}

type BarProps = { node: NodeError; isFloat: boolean; share: number }

function Bar({ node: { node, error, place }, isFloat, share }: BarProps) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_7.5rem] items-baseline gap-x-3 text-xs">
      <code className="font-mono text-2xs wrap-anywhere">{node}</code>
      <span className="text-right tabular whitespace-nowrap">{words.error(error)}</span>
      <div aria-hidden className="my-0.5 h-1.5 self-center overflow-hidden rounded-full bg-raised">
        <div
          className={cn('h-full rounded-full', isFloat ? 'border border-accent bg-surface' : 'bg-warn')}
          style={{ width: `${100 * share}%`, minWidth: '2px' }}
        />
      </div>
      <span className="text-right text-2xs whitespace-nowrap text-soft">
        {[...(place ? [words.place(place.at, place.of)] : []), isFloat ? words.float : words.bits].join(', ')}
      </span>
    </li>
  )
}
