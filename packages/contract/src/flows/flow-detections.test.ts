import { expect, test } from 'vitest'
import { Flow } from './flow.ts'
import { shapesOf } from './flow-shapes.ts'

const frame = { name: 'frame', source: 'gate', tag: 'frame', type: 'image' }
const picture = { name: 'picture', kind: 'image', from: 'frame', width: 192, height: 48 }
const model = {
  name: 'answer',
  kind: 'model',
  model: 'detector',
  from: ['picture'],
  output: { tensors: ['boxes', 'scores'] },
}
const found = { name: 'found', kind: 'detections', from: 'answer', layout: 'separate' }
const flow = (steps: object[], sink: object = {}) => ({
  name: 'watch',
  inputs: [frame],
  steps,
  sinks: [{ name: 'told', kind: 'hub', from: 'found', ...sink }],
})

const mistakes = (value: unknown) =>
  (Flow.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)

test('model tensors become detections that can be counted and filtered', () => {
  const count = { name: 'count', kind: 'expression', from: ['found'], expression: '$count(found)' }
  const some = { name: 'some', kind: 'filter', from: 'found', where: '$count(value) > 0' }
  const shapes = shapesOf(Flow.parse(flow([picture, model, found, count, some])))
  expect(['answer', 'found', 'some', 'count'].map((name) => shapes.get(name)?.kind)).toEqual([
    'answer',
    'detections',
    'detections',
    'number',
  ])
})

const changed = (step: object, more: object) =>
  flow([picture, model, found].map((one) => (one === step ? { ...one, ...more } : one)))

test.each<[string, object, string]>([
  [
    'one tensor where two are needed',
    changed(model, { output: { tensors: ['boxes'] } }),
    'is read from 2 or 3 tensors',
  ],
  [
    'a model input that is a number',
    changed(model, { output: {} }),
    'answer is a number, and detections takes a answer',
  ],
  ['a model without an image', changed(model, { from: ['frame'] }), 'frame is a image, and model takes'],
  ['tensors of several requests', changed(model, { batchMax: 2, queue: { max: 1 } }), 'those of one question'],
  [
    'a tensor mixed with one of its numbers',
    changed(model, { output: { tensors: ['a', 'b'], index: 2 } }),
    'given as they are',
  ],
  ['an unknown class', changed(found, { classes: ['dog'], only: ['cat'] }), 'cat is not among the classes'],
  ['an activation for a final layout', changed(found, { layout: 'final', activation: 'softmax' }), 'a share already'],
  ['tensors at a sink', flow([picture, model, found], { from: 'answer' }), 'are tensors, which are no value'],
  [
    'a list in a tag',
    flow([picture, model, found], { kind: 'tag', source: 'plc', tag: 'x' }),
    'a tag is written one value, or numbers',
  ],
])('a mistake is reported: %s', (_, flow, message) => {
  expect(mistakes(flow).join()).toContain(message)
})

test('detections need a model that looks at one image', () => {
  const number = { name: 'number', source: 'plc', tag: 'x' }
  const blind = { ...flow([{ ...model, from: ['number'] }, found]), inputs: [number] }
  expect(mistakes(blind)).toEqual([expect.stringContaining('needs a model that looks at one picture')])
})
