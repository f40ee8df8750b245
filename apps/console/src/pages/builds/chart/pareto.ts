/** Pareto: the forms that no other form beats, and the places of their names in a chart. */

export type Point = { key: string; x: number; y: number }

/** The points that no other one beats, from left to right. Less of x and more of y is better. Equal points do not beat
 * each other. */
export function frontierOf<P extends Point>(points: readonly P[]): P[] {
  const sorted = points.toSorted((a, b) => a.x - b.x || b.y - a.y)
  const frontier: P[] = []
  for (const point of sorted) {
    const last = frontier.at(-1)
    if (!last || point.y > last.y || (point.y === last.y && point.x === last.x)) frontier.push(point)
  }
  return frontier
}

export type Label = { key: string; x: number; y: number; anchor: 'start' | 'end' | 'middle' }
type Box = { left: number; right: number; top: number; bottom: number }
export type Labelled = Point & { name: string }

/** The height of a line of text, and the mean width of a letter in a small font. */
const LINE_PX = 13
const LETTER_PX = 6.1
/** The distance from a mark to its name. */
const GAP_PX = 8

/**
 * A place for each name beside its point, inside the plot, over no other name and no mark. A name without such a place
 * is left out. The first points have the first choice.
 */
export function placeLabels(points: readonly Labelled[], plot: Box): Label[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }))
  const labels: Label[] = []
  for (const point of points) {
    const found = placesOf(point).find(({ box }) => isInside(box, plot) && !taken.some((other) => meets(box, other)))
    if (!found) continue
    taken.push(found.box)
    labels.push(found.label)
  }
  return labels
}

function placesOf({ key, name, x, y }: Labelled): { label: Label; box: Box }[] {
  const width = name.length * LETTER_PX
  const beside = [0, -LINE_PX, LINE_PX].flatMap((shift) => [
    { anchor: 'start' as const, at: x + GAP_PX, left: x + GAP_PX, middle: y + shift },
    { anchor: 'end' as const, at: x - GAP_PX, left: x - GAP_PX - width, middle: y + shift },
  ])
  const over = [-GAP_PX - LINE_PX / 2, GAP_PX + LINE_PX / 2].map((shift) => ({
    anchor: 'middle' as const,
    at: x,
    left: x - width / 2,
    middle: y + shift,
  }))
  return [...beside.slice(0, 2), ...over, ...beside.slice(2)].map(({ anchor, at, left, middle }) => ({
    label: { key, x: at, y: middle, anchor },
    box: { left, right: left + width, top: middle - LINE_PX / 2, bottom: middle + LINE_PX / 2 },
  }))
}

const isInside = (box: Box, plot: Box): boolean =>
  box.left >= plot.left && box.right <= plot.right && box.top >= plot.top && box.bottom <= plot.bottom

const meets = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
