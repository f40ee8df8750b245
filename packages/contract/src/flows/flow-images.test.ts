import { expect, test } from 'vitest'
import { Flow } from './flow.ts'
import { shapesOf } from './flow-shapes.ts'

const frame = { name: 'frame', source: 'gate', tag: 'frame', type: 'image' }
const picture = { name: 'picture', kind: 'image', from: 'frame', width: 192, height: 48 }
const model = { name: 'turned', kind: 'model', model: 'orientation', from: ['picture'] }
const flow = (steps: object[], sink: object = {}) => ({
  name: 'watch',
  inputs: [frame],
  steps,
  sinks: [{ name: 'told', kind: 'hub', from: 'turned', ...sink }],
})

const mistakes = (value: unknown) =>
  (Flow.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)

test('a picture becomes what a model is given, in its shape', () => {
  expect(shapesOf(Flow.parse(flow([picture, model]))).get('picture')).toEqual({ kind: 'tensor', shape: [3, 48, 192] })
  const grey = { ...flow([{ ...picture, layout: 'nhwc' }, model]), inputs: [{ ...frame, pixels: 'grey' }] }
  expect(shapesOf(Flow.parse(grey)).get('picture')).toEqual({ kind: 'tensor', shape: [48, 192, 1] })
})

test.each(['tag', 'sink', 'hub'])(
  'no picture leaves the device, nor what was made of one for a model, by a %s',
  (kind) => {
    const there = { tag: { source: 'plc', tag: 'x' }, sink: { sink: 'broker' }, hub: {} }[kind]
    for (const from of ['frame', 'picture']) {
      expect(mistakes(flow([picture, model], { kind, from, ...there }))[0]).toContain(
        'pictures do not leave the device',
      )
    }
  },
)

test.each([
  ['an expression', { name: 'e', kind: 'expression', from: ['frame'], expression: '1' }],
  ['a window', { name: 'w', kind: 'window', by: 'count', from: 'frame', samples: 8 }],
  ['a model', { name: 'm', kind: 'model', model: 'm', from: ['frame'] }],
  ['an align', { name: 'a', kind: 'align', from: ['frame', 'picture'], maxAgeMs: 10 }],
])('%s takes no picture', (_, step) => {
  expect(mistakes(flow([picture, model, step]))[0]).toMatch(/is a image, and|is a tensor, and/)
})

test('what does not fit together is said with what would', () => {
  const wrong = (step: object) => mistakes(flow([{ ...picture, ...step }, model]))[0]
  expect(wrong({ mean: [0, 0], std: [1] })).toContain('must have 1 or 3 numbers')
  expect(wrong({ mean: [0] })).toContain('belong together')
  expect(wrong({ crop: { x: 0.6, y: 0, width: 0.5, height: 1 } })).toContain('lies beyond the picture')
  expect(wrong({ width: 2_000, height: 2_000 })).toContain('gives a model more than')
  expect(wrong({ width: 640, height: 640 })).toContain('say queue: { max: 12 }')
  expect(mistakes({ ...flow([picture, model]), inputs: [{ ...frame, type: 'number', pixels: 'rgb' }] })[0]).toContain(
    'only images',
  )
})
