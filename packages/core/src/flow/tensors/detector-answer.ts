/** Detector answer: the boxes that stand in the tensors of a detector, with the class that each most likely is. Detectors differ in where they write what. */
import type { DetectionsStep } from '@skerry/contract/flows/flow-detections'
import type { Box, FoundBox } from './boxes.ts'

export type NumberTensor = { shape: readonly number[]; values: ArrayLike<number> }

export type AnswerRule = Pick<DetectionsStep, 'layout' | 'format' | 'unit' | 'activation' | 'scoreMin'>

/** Of what the model was given. */
type Size = { width: number; height: number }

export type AnswerRead = { ok: true; found: FoundBox[] } | { ok: false; code: string; message: string }

/** A YOLO of 1,280 by 1,280 gives 33,600. */
const BOXES_MAX = 65_536

/** A share that was computed in half precision may be a little more than 1. */
const SHARE_MAX = 1.001

/** Those of `scoreMin` and more, in pixels of the tensor. */
export function readAnswer(tensors: readonly NumberTensor[], rule: AnswerRule, size: Size): AnswerRead {
  const rows = READERS[rule.layout](tensors)
  if (!rows) {
    const shapes = tensors.map(({ shape }) => `[${shape.join()}]`).join(' and ')
    return {
      ok: false,
      code: 'answer_shape',
      message: `the model returned ${shapes}, which does not fit ${rule.layout}`,
    }
  }
  if (rows.count > BOXES_MAX) {
    return {
      ok: false,
      code: 'answer_shape',
      message: `the model returned ${rows.count} boxes, more than ${BOXES_MAX}`,
    }
  }
  const shareOf = SHARES[rule.activation]
  const found: FoundBox[] = []
  for (let row = 0; row < rows.count; row++) {
    const { classIndex, score } = rows.best(row, shareOf)
    if (score > SHARE_MAX) {
      const message = `the model returned a score of ${score}, which is not between 0 and 1: set activation: sigmoid or softmax`
      return { ok: false, code: 'answer_range', message }
    }
    // What is no number is less than nothing.
    if (!(score >= rule.scoreMin)) continue
    const box = boxOf(rows, row, rule, size)
    if (Object.values(box).every(Number.isFinite)) found.push({ ...box, classIndex, score: Math.min(1, score) })
  }
  return { ok: true, found }
}

/** Of the scores of one box, that begin at a place: the share of the one that is the greatest. */
type ShareOf = (scores: Scores, greatest: number) => number
type Scores = { count: number; at(index: number): number }

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value))

const SHARES: Readonly<Record<AnswerRule['activation'], ShareOf>> = {
  none: (_scores, greatest) => greatest,
  // It rises everywhere: the greatest stays the greatest.
  sigmoid: (_scores, greatest) => sigmoid(greatest),
  /** e^greatest / sum of e^score; the greatest is taken away from all, so that none becomes infinite. */
  softmax({ count, at }, greatest) {
    let sum = 0
    for (let index = 0; index < count; index++) sum += Math.exp(at(index) - greatest)
    return 1 / sum
  },
}

/** The boxes of an answer, by their rows. */
type Rows = {
  count: number
  format: NonNullable<AnswerRule['format']>
  /** One of the four numbers of a box. */
  side(row: number, at: number): number
  best(row: number, shareOf: ShareOf): { classIndex: number; score: number }
}

const READERS: Readonly<Record<AnswerRule['layout'], (tensors: readonly NumberTensor[]) => Rows | undefined>> = {
  /** [Ultralytics, "YOLOv8 export"] [1, 4 + classes, boxes]: a column for each box. */
  yolov8([tensor]) {
    const table = tensor && tableOf(tensor)
    if (!table || table.rows <= 4) return undefined
    const { at, rows } = table
    const scores = (row: number): Scores => ({ count: rows - 4, at: (index) => at(4 + index, row) })
    return {
      count: table.columns,
      format: 'cxcywh',
      side: (row, side) => at(side, row),
      best: (row, shareOf) => greatestOf(scores(row), shareOf),
    }
  },
  /** [YOLOv3, 2.1] [1, boxes, 5 + classes]: what it is, times whether there is something. */
  yolov5([tensor]) {
    const table = tensor && tableOf(tensor)
    if (!table || table.columns <= 5) return undefined
    const { at, columns } = table
    const scores = (row: number): Scores => ({ count: columns - 5, at: (index) => at(row, 5 + index) })
    const object = (row: number): Scores => ({ count: 1, at: () => at(row, 4) })
    return {
      count: table.rows,
      format: 'cxcywh',
      side: at,
      best(row, shareOf) {
        const { classIndex, score } = greatestOf(scores(row), shareOf)
        return { classIndex, score: score * greatestOf(object(row), shareOf).score }
      },
    }
  },
  /** [Ultralytics, "YOLOv10"] [1, boxes, 6]: four numbers, the score, and the class. */
  final([tensor]) {
    const table = tensor && tableOf(tensor)
    if (table?.columns !== 6) return undefined
    const { at, rows: count } = table
    return {
      count,
      format: 'xyxy',
      side: at,
      best: (row) => ({ score: at(row, 4), classIndex: Math.round(at(row, 5)) }),
    }
  },
  /** Boxes [boxes, 4], scores [boxes] or [boxes, classes], and where scores are of one class each, that class: [boxes]. */
  separate([boxes, scores, classes]) {
    const table = boxes && tableOf(boxes)
    if (table?.columns !== 4 || !scores) return undefined
    const { at, rows: count } = table
    const each = scoresOf(scores, count)
    if (!each || (classes && (each.count !== 1 || classes.values.length !== count))) return undefined
    const best: Rows['best'] = (row, shareOf) => {
      const greatest = greatestOf({ count: each.count, at: (index) => each.at(row, index) }, shareOf)
      return classes ? { ...greatest, classIndex: Math.round(classes.values[row] ?? 0) } : greatest
    }
    return { count, format: 'xyxy', side: at, best }
  },
}

function greatestOf(scores: Scores, shareOf: ShareOf): { classIndex: number; score: number } {
  let classIndex = 0
  let greatest = scores.at(0)
  for (let index = 1; index < scores.count; index++) {
    const score = scores.at(index)
    if (score > greatest) [classIndex, greatest] = [index, score]
  }
  return { classIndex, score: shareOf(scores, greatest) }
}

type Table = { rows: number; columns: number; at(row: number, column: number): number }

/** The last two sizes of one picture. */
function tableOf({ shape, values }: NumberTensor): Table | undefined {
  const [rows, columns] = shape.slice(-2)
  const isOne = shape.slice(0, -2).every((size) => size === 1)
  if (rows === undefined || columns === undefined || !isOne || values.length !== rows * columns) return undefined
  return { rows, columns, at: (row, column) => values[row * columns + column] ?? Number.NaN }
}

/** `count` in each of the rows: one where they stand beside each other. */
function scoresOf({ shape, values }: NumberTensor, rows: number): { count: number; at: Table['at'] } | undefined {
  const count = rows === 0 ? 1 : values.length / rows
  const isInRows = shape.at(-1) === count && (shape.at(-2) ?? 1) === (shape.length > 1 ? rows : 1)
  const isList = count === 1 && shape.at(-1) === rows
  if (!isInRows && !isList) return undefined
  return { count, at: (row, column) => values[row * count + column] ?? Number.NaN }
}

function boxOf(rows: Rows, row: number, { format = rows.format, unit }: AnswerRule, { width, height }: Size): Box {
  const a = rows.side(row, 0)
  const b = rows.side(row, 1)
  const c = rows.side(row, 2)
  const d = rows.side(row, 3)
  const { left, top, right, bottom } = CORNERS[format](a, b, c, d)
  const [across, down] = unit === 'shares' ? [width, height] : [1, 1]
  return { left: left * across, top: top * down, right: right * across, bottom: bottom * down }
}

type Corners = (a: number, b: number, c: number, d: number) => Box

const CORNERS: Readonly<Record<Rows['format'], Corners>> = {
  xyxy: (left, top, right, bottom) => ({ left, top, right, bottom }),
  yxyx: (top, left, bottom, right) => ({ left, top, right, bottom }),
  xywh: (left, top, width, height) => ({ left, top, right: left + width, bottom: top + height }),
  cxcywh: (x, y, width, height) => ({
    left: x - width / 2,
    top: y - height / 2,
    right: x + width / 2,
    bottom: y + height / 2,
  }),
}
