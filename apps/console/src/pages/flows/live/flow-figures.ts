/** Flow figures: the figures of a look at a flow, for each part of its drawing. */
import type { FlowPartLook, SeenValue } from '@skerry/contract/flows/flow-look'
import { language } from '../../../texts/language.ts'
import type { FlowNode } from '../../models/version/flow-layout.ts'

export type NodeFigures = {
  outPerSecond: number
  /** The values that were dropped or late since the flow began. */
  lost: number
  newest: SeenValue | undefined
  unit: string | undefined
}

/** The figures by the id of each drawn part. Inputs that are drawn as one are counted together. */
export function figuresOf(
  nodes: readonly FlowNode[],
  parts: readonly FlowPartLook[],
): ReadonlyMap<string, NodeFigures> {
  const known = new Map(parts.map((part) => [`${part.part} ${part.name}`, part]))
  const figures = new Map<string, NodeFigures>()
  for (const { id, part, name, inputs = [name] } of nodes) {
    const found = inputs.flatMap((each) => known.get(`${part} ${each}`) ?? [])
    const [first] = found
    if (!first) continue
    figures.set(id, {
      outPerSecond: sum(found.map(({ outPerSecond }) => outPerSecond)),
      lost: sum(found.map(({ dropped, late }) => dropped + late)),
      newest: found.length === 1 ? first.recent.at(-1) : undefined,
      unit: first.unit,
    })
  }
  return figures
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0)

const few = new Intl.NumberFormat(language, { maximumSignificantDigits: 3, notation: 'compact' })
const plain = new Intl.NumberFormat(language, { maximumSignificantDigits: 6, useGrouping: false })

/** `0`, `0.2`, `12.5`, `1.2K`: three digits fit beside a line. */
export const fewText = (value: number): string => few.format(value)

export const numberText = (value: number): string => (Number.isInteger(value) ? String(value) : plain.format(value))

/** A short text of the value. A bad one has no value, and gives its cause. */
export function seenText(seen: SeenValue, unit?: string): string {
  if (seen.quality === 'bad') return `bad: ${seen.cause}`
  const { value, omitted = 0 } = seen
  const rest = `${omitted > 0 ? ' …' : ''}${unit === undefined || typeof value === 'string' ? '' : ` ${unit}`}`
  const text = contentText(value)
  return seen.quality === 'uncertain' ? `${text}${rest} (uncertain)` : `${text}${rest}`
}

function contentText(value: Exclude<SeenValue, { quality: 'bad' }>['value']): string {
  if (typeof value === 'number') return numberText(value)
  return typeof value === 'string' ? value : `[${value.map(numberText).join(', ')}]`
}

/**
 * The line through the newest numbers of a part, in a box of this size in pixels. Empty if there are fewer than two
 * numbers.
 */
export function lineOf(recent: readonly SeenValue[], box: { width: number; height: number }): string {
  const points = recent.flatMap((seen) =>
    seen.quality !== 'bad' && typeof seen.value === 'number' ? [{ at: seen.timeMs, value: seen.value }] : [],
  )
  if (points.length < 2) return ''
  const times = points.map(({ at }) => at)
  const values = points.map(({ value }) => value)
  const fromX = Math.min(...times)
  const toX = Math.max(...times)
  const fromY = Math.min(...values)
  const toY = Math.max(...values)
  const x = (at: number) => (toX === fromX ? box.width : ((at - fromX) / (toX - fromX)) * box.width)
  // A constant value is drawn in the middle.
  const y = (value: number) => (toY === fromY ? box.height / 2 : ((toY - value) / (toY - fromY)) * box.height)
  return points.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
}
