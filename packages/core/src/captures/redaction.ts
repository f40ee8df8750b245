/**
 * Redaction: the values of a captured row that are emptied before it is stored: a tensor, a column of it, or a box of a
 * picture. A box that does not fit the tensor empties all of it: rather too much than a face.
 */

/** Half-open. Undefined: the whole axis. */
type Range = { from: number; to: number } | undefined

export type Redaction = {
  /** As people write it. */
  text: string
  tensor: string
  part: { kind: 'column'; column: number } | { kind: 'box'; ranges: Range[] } | undefined
}

const FORM = /^(.+)\[([\d:,\s]+)\]$/

/** Reads `image`, `x[1]`, or `image[:, 0:40, 0:120]`: a range for each axis after that of the rows. */
export function parseRedaction(text: string): Redaction {
  const [, tensor, inside] = FORM.exec(text) ?? []
  if (tensor === undefined || inside === undefined) return { text, tensor: text, part: undefined }
  if (/^\d+$/.test(inside)) return { text, tensor, part: { kind: 'column', column: Number(inside) } }
  return { text, tensor, part: { kind: 'box', ranges: inside.split(',').map(rangeOf) } }
}

/** A text that is no range is the whole axis. */
function rangeOf(text: string): Range {
  const [, from, to] = /^\s*(\d+)\s*:\s*(\d+)\s*$/.exec(text) ?? []
  return from === undefined ? undefined : { from: Number(from), to: Number(to) }
}

/** Whether it is a box, which devices of version 0.1.0 do not know. */
export const isBox = (text: string): boolean => parseRedaction(text).part?.kind === 'box'

type Row = { name: string; shape: readonly number[]; elements: number }

/** Runs of elements, from the first up to the last. */
export type Run = [from: number, to: number]

/** The elements of a row to empty: none if the redaction is of another tensor. The first axis of the shape is the rows. */
export function emptiedRuns({ text, tensor, part }: Redaction, { name, shape, elements }: Row): Run[] {
  const whole: Run[] = [[0, elements]]
  if (text === name) return whole
  if (tensor !== name || !part) return []
  if (part.kind === 'column') return columnRuns(part.column, shape, elements)
  const axes = shape.slice(1)
  const fits = part.ranges.length <= axes.length && part.ranges.some(Boolean) && product(axes) === elements
  return fits ? boxRuns(part.ranges, axes) : whole
}

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1)

function columnRuns(column: number, shape: readonly number[], elements: number): Run[] {
  const columns = product(shape.slice(1))
  if (column >= columns) return []
  const rows = Math.floor(elements / columns)
  return Array.from({ length: rows }, (_, row): Run => [row * columns + column, row * columns + column + 1])
}

/** Axes after the last range are whole, and make the runs longer. */
function boxRuns(ranges: readonly Range[], axes: readonly number[]): Run[] {
  const [range, ...others] = ranges
  const [size = 1, ...rest] = axes
  const step = product(rest)
  const from = Math.min(range?.from ?? 0, size)
  const to = Math.min(range?.to ?? size, size)
  if (others.every((other) => other === undefined)) return from < to ? [[from * step, to * step]] : []
  const inner = boxRuns(others, rest)
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => (from + at) * step).flatMap((first) =>
    inner.map(([start, end]): Run => [first + start, first + end]),
  )
}
