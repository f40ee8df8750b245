/** Graph edge: the line from one part of a drawing to another. */
import type { PlacedEdge } from './flow-layout.ts'

export function GraphEdge({ edge: { points }, isLit = false }: { edge: PlacedEdge; isLit?: boolean }) {
  const [first, ...rest] = points
  if (!first) return null
  const path = rest.reduce(
    ({ text, at }, to) => {
      const middle = (at.x + to.x) / 2
      return { text: `${text} C ${middle} ${at.y}, ${middle} ${to.y}, ${to.x} ${to.y}`, at: to }
    },
    { text: `M ${first.x} ${first.y}`, at: first },
  )
  return (
    <path
      d={path.text}
      fill="none"
      strokeWidth={isLit ? 2.25 : 1.5}
      className={isLit ? 'stroke-accent' : 'stroke-line-strong'}
    />
  )
}
