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

test('tensors of a model become detections, which are told, counted and let through', () => {
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
  ['one tensor for two', changed(model, { output: { tensors: ['boxes'] } }), 'is read from 2 or 3 tensors'],
  ['a number of a model', changed(model, { output: {} }), 'answer is a number, and detections takes a answer'],
  ['no picture', changed(model, { from: ['frame'] }), 'frame is a image, and model takes'],
  ['tensors of several questions', changed(model, { batchMax: 2, queue: { max: 1 } }), 'those of one question'],
  [
    'tensors and one of their numbers',
    changed(model, { output: { tensors: ['a', 'b'], index: 2 } }),
    'given as they are',
  ],
  ['a class that is none', changed(found, { classes: ['dog'], only: ['cat'] }), 'cat is not among the classes'],
  ['shares of what is final', changed(found, { layout: 'final', activation: 'softmax' }), 'a share already'],
  ['tensors at a sink', flow([picture, model, found], { from: 'answer' }), 'are tensors, which are no value'],
  [
    'a list in a tag',
    flow([picture, model, found], { kind: 'tag', source: 'plc', tag: 'x' }),
    'a tag is written one value, or numbers',
  ],
])('what cannot be is said: %s', (_, flow, message) => {
  expect(mistakes(flow).join()).toContain(message)
})

test('a model that looks at no picture of an image step finds nothing in one', () => {
  const number = { name: 'number', source: 'plc', tag: 'x' }
  const blind = { ...flow([{ ...model, from: ['number'] }, found]), inputs: [number] }
  expect(mistakes(blind)).toEqual([expect.stringContaining('needs a model that looks at one picture')])
})
