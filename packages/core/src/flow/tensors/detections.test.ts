import { FlowStep } from '@skerry/contract/flows/flow-step'
import { expect, test } from 'vitest'
import { type DetectionRule, detectionsIn, detectionsText } from './detections.ts'
import type { NumberTensor } from './detector-answer.ts'
import { factsOf } from './model-facts.ts'
import type { PictureView } from './picture-view.ts'

/** A picture of 200 by 100 in a tensor of 100 by 100: half as large, with 25 pixels of filling above and below. */
const VIEW: PictureView = {
  width: 100,
  height: 100,
  seen: { x: 0, y: 0, width: 200, height: 100 },
  into: { x: 0, y: 25, width: 100, height: 50 },
}

function ruleOf(step: object, classes: string[] = []): DetectionRule {
  const parsed = FlowStep.parse({ name: 'found', kind: 'detections', from: 'answer', ...step })
  if (parsed.kind !== 'detections') throw new Error('another step')
  return { ...parsed, classes: parsed.classes ?? classes }
}

const tensor = (shape: number[], ...values: number[]): NumberTensor => ({ shape, values: Float32Array.from(values) })
const find = (tensors: NumberTensor[], step: object, classes?: string[]) =>
  detectionsIn({ tensors, view: VIEW }, ruleOf(step, classes))
const CAT = { x: 20, y: 10, width: 40, height: 20 }

/** The cat, from (10, 30) to (30, 40) of the tensor, as each kind of detector would say it. */
test.each<[string, NumberTensor[], object]>([
  [
    'YOLOv8: columns of centre, size and classes',
    [tensor([1, 6, 2], 20, 0, 35, 0, 20, 0, 10, 0, 0.1, 0, 0.9, 0)],
    { layout: 'yolov8' },
  ],
  [
    'YOLOv5: rows with what is there times what it is',
    [tensor([1, 1, 7], 20, 35, 20, 10, 0.9, 0, 1)],
    { layout: 'yolov5' },
  ],
  ['final: rows of corners, score and class', [tensor([1, 1, 6], 10, 30, 30, 40, 0.9, 1)], { layout: 'final' }],
  [
    'boxes and scores of classes',
    [tensor([1, 1, 4], 10, 30, 30, 40), tensor([1, 1, 2], 0.2, 0.9)],
    { layout: 'separate' },
  ],
  [
    'boxes, a score and a class each, in shares, the top first',
    [tensor([1, 1, 4], 0.3, 0.1, 0.4, 0.3), tensor([1, 1], 0.9), tensor([1, 1], 1)],
    { layout: 'separate', format: 'yxyx', unit: 'shares' },
  ],
  [
    'corner and size, without a batch',
    [tensor([1, 4], 10, 30, 20, 10), tensor([1], 0.9), tensor([1], 1)],
    { layout: 'separate', format: 'xywh' },
  ],
])('a box is found in the picture: %s', (_, tensors, step) => {
  const found = find(tensors, step, ['dog', 'cat'])
  expect(found).toMatchObject({ ok: true, detections: [{ class: 'cat', ...CAT }] })
  expect(found.ok && found.detections[0]?.score).toBeCloseTo(0.9, 6)
})

test('scores that are no shares are made so, and what is taken for one and is none is said', () => {
  const tensors = [tensor([1, 4], 10, 30, 30, 40), tensor([1, 2], 1, 3)]
  const scoreOf = (activation: string) => {
    const found = find(tensors, { layout: 'separate', activation, scoreMin: 0 })
    return found.ok ? found.detections[0]?.score : found.code
  }
  expect(scoreOf('sigmoid')).toBeCloseTo(1 / (1 + Math.exp(-3)), 5)
  expect(scoreOf('softmax')).toBeCloseTo(Math.exp(3) / (Math.exp(1) + Math.exp(3)), 5)
  expect(scoreOf('none')).toBe('answer_range')
})

test('what is less sure, of another class, no number or in the filling is left out', () => {
  const rows = [
    10,
    30,
    30,
    40,
    0.9,
    0,
    10,
    30,
    30,
    40,
    0.8,
    1,
    60,
    30,
    80,
    40,
    0.4,
    0,
    60,
    30,
    Number.NaN,
    40,
    0.9,
    0,
    60,
    2,
    80,
    20,
    0.9,
    0,
    60,
    30,
    80,
    40,
    Number.NaN,
    0,
  ]
  const found = find([tensor([6, 6], ...rows)], { layout: 'final', only: ['dog'], classes: ['dog', 'cat'] })
  expect(found).toEqual({ ok: true, detections: [{ class: 'dog', score: 0.9, ...CAT }] })
  const none = find([tensor([0, 4]), tensor([0])], { layout: 'separate' })
  expect(none.ok && detectionsText(none.detections)).toBe('[]')
})

test.each<[NumberTensor[], object]>([
  [[tensor([1, 4, 1], 1, 2, 3, 4)], { layout: 'yolov8' }],
  [[tensor([1, 1, 5], 1, 2, 3, 4, 5)], { layout: 'yolov5' }],
  [[tensor([2, 1, 6], ...Array(12).fill(0))], { layout: 'final' }],
  [[tensor([2, 4], ...Array(8).fill(0)), tensor([3], 1, 1, 1)], { layout: 'separate' }],
  [[tensor([2, 4], ...Array(8).fill(0)), tensor([3, 2], ...Array(6).fill(0))], { layout: 'separate' }],
  [[tensor([1, 4], 1, 2, 3, 4), tensor([1], 1), tensor([2], 1, 1)], { layout: 'separate' }],
])('tensors of another shape are said, and not guessed at: %j', (tensors, step) => {
  expect(find(tensors, step)).toMatchObject({ ok: false, code: 'answer_shape' })
})

test('classes are those of the metadata, ours or of Ultralytics, and numbers where it does not say', () => {
  const classesOf = (key: string, value: string) => factsOf([{ key, value }]).classes
  expect(classesOf('skerry.classes', '["dog", "cat"]')).toEqual(['dog', 'cat'])
  expect(classesOf('names', `{0: 'dog', 1: "driver's cab", 2: 'it\\'s'}`)).toEqual(['dog', "driver's cab", "it's"])
  for (const other of ['', '{', '{}', "{1: 'dog'}", "{0: 'dog', 2: 'cat'}", "{0: 'dog'} and", "['dog']"])
    expect(classesOf('names', other)).toBeUndefined()
  for (const other of ['', '[1]', '{}']) expect(classesOf('skerry.classes', other)).toBeUndefined()
  const found = find([tensor([1, 6], 10, 30, 30, 40, 0.9, 7)], { layout: 'final' })
  expect(found.ok && found.detections[0]?.class).toBe('7')
})
