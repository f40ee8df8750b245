import { expect, test } from 'vitest'
import { Flow } from './flow.ts'
import { FlowFigures } from './flow-figures.ts'
import { FlowGolden, FlowSample } from './flow-recording.ts'
import { shapesOf } from './flow-shapes.ts'
import { conversionOf } from './flow-units.ts'

const input = { name: 'pressure', source: 'press-7', tag: 'pressure' }
const sink = { name: 'alarm', kind: 'hub', from: 'pressure' }
const toTag = { name: 'lamp', kind: 'tag', from: 'pressure', source: 'press-7', tag: 'lamp' }
const flow = (steps: unknown[], more: object = {}) => ({
  name: 'watch',
  inputs: [input],
  steps,
  sinks: [sink],
  ...more,
})

/** Where each mistake stands, and what is said of it. */
const mistakes = (value: unknown) =>
  (Flow.safeParse(value).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)

const window = { name: 'window', kind: 'window', by: 'count', from: 'pressure', samples: 8 }

test('a flow is read from the top: a step may only be made of what stands above it', () => {
  const late = [{ name: 'mean', kind: 'statistics', from: 'window', of: ['mean'] }, window]
  expect(mistakes(flow(late))).toEqual([
    'steps.0.from: there is no signal window above this; a step is made of inputs and earlier steps',
  ])
  expect(mistakes(flow([{ ...window, from: 'window' }]))[0]).toContain('there is no signal window')
})

test.each<[problem: string, steps: unknown[], more: object, said: string]>([
  ['a name given twice', [{ ...window, name: 'pressure' }], {}, 'steps.0.name: pressure is named twice'],
  ['statistics of a value', [{ name: 's', kind: 'statistics', from: 'pressure', of: ['mean'] }], {}, 'takes a window'],
  ['a window as an output', [window], { sinks: [{ ...sink, from: 'window' }] }, 'which is no value'],
  [
    'a longer vector than a tag is written',
    [{ name: 'v', kind: 'expression', from: ['pressure'], expression: '[1]', gives: { vector: 2_001 } }],
    { sinks: [{ ...toTag, from: 'v' }] },
    'v is 2001 numbers, and a tag is written at most 2000 at once',
  ],
  ['a priority of equipment', [], { sinks: [{ ...toTag, priority: 'urgent' }] }, 'priority'],
  ['a priority that is none', [], { sinks: [{ ...sink, priority: 'high' }] }, 'sinks.0.priority'],
  ['two sinks of a name', [], { sinks: [sink, sink] }, 'sinks.1.name: two sinks'],
  [
    'a spectrum of 10',
    [
      { ...window, samples: 10 },
      { name: 'f', kind: 'fft', from: 'window' },
    ],
    {},
    '4, 8, 16',
  ],
  ['no threshold', [{ name: 't', kind: 'threshold', from: 'pressure' }], {}, 'needs either above or below'],
  ['a wrong way back', [{ name: 't', kind: 'threshold', from: 'pressure', above: 5, clear: 6 }], {}, 'quiet side'],
  [
    'units that do not fit',
    [{ name: 'c', kind: 'convert', from: 'pressure', unit: { from: 'bar', to: 'm' } }],
    {},
    'measure different things',
  ],
  ['one that votes alone', [{ name: 'v', kind: 'k-of-n', from: ['pressure'], k: 1 }], {}, 'say how many'],
  [
    'a trigger from elsewhere',
    [{ name: 'e', kind: 'expression', from: ['pressure'], when: 'x', expression: '1' }],
    {},
    'not among its signals',
  ],
  [
    'too much memory',
    [1, 2, 3, 4].flatMap((n) => [
      { name: `v${n}`, kind: 'expression', from: ['pressure'], expression: '[]', gives: { vector: 10 } },
      { ...window, name: `w${n}`, from: `v${n}`, samples: 131_072 },
    ]),
    {},
    'hold 5242880 values',
  ],
  [
    'a grid too fine',
    [{ ...window, by: 'time', samples: undefined, lastMs: 3_600_000, everyMs: 10 }],
    {},
    'coarser grid',
  ],
  ['holding for ever', [], { inputs: [{ ...input, onBad: 'hold' }] }, 'hides that the sensor is gone'],
])('%s is refused, with its place', (_problem, steps, more, said) => {
  expect(mistakes(flow(steps, more)).join('\n')).toContain(said)
})

test('what leaves the device may be more or less urgent; a flow that says nothing of it keeps its digest', () => {
  const [alarm, trend] = Flow.parse(
    flow([], {
      sinks: [
        { ...sink, priority: 'urgent' },
        { ...sink, name: 'trend' },
      ],
    }),
  ).sinks
  expect(alarm).toHaveProperty('priority', 'urgent')
  expect(trend).not.toHaveProperty('priority')
})

test('what each signal is follows from the steps', () => {
  const second = { ...input, name: 'flow', tag: 'flow' }
  const parsed = Flow.parse({
    ...flow([
      { name: 'row', kind: 'align', from: ['pressure', 'flow'], everyMs: 1_000, maxAgeMs: 5_000 },
      { ...window, from: 'row' },
      { name: 'both', kind: 'statistics', from: 'window', of: ['mean', { quantile: 0.95 }] },
      { name: 'lines', kind: 'fft', from: 'window', column: 1 },
      { name: 'score', kind: 'model', from: ['window'], model: 'anomaly' },
    ]),
    inputs: [input, second],
  })
  expect(Object.fromEntries(shapesOf(parsed))).toMatchObject({
    row: { kind: 'vector', length: 2 },
    window: { kind: 'window', samples: 8, columns: 2, isExact: true },
    both: { kind: 'vector', length: 4 },
    lines: { kind: 'vector', length: 5 },
    score: { kind: 'number' },
  })
})

test('a conversion is what physics says', () => {
  const convert = (value: number, from: string, to: string) => {
    const { scale, offset } = conversionOf(from, to) ?? { scale: Number.NaN, offset: 0 }
    return value * scale + offset
  }
  expect(convert(212, '°F', '°C')).toBeCloseTo(100, 10)
  expect(convert(-40, '°C', '°F')).toBeCloseTo(-40, 10)
  expect(convert(1, 'bar', 'psi')).toBeCloseTo(14.5038, 4)
  expect(convert(1_500, '1/min', 'Hz')).toBeCloseTo(25, 10)
  expect(convert(1, 'bar', '°C')).toBeNaN()
})

test('a sample, a golden file and the figures of a device are read strictly', () => {
  const sample = { source: 'press-7', tag: 'pressure', receivedTimeMs: 5, quality: 'good', value: 1 }
  expect(FlowSample.parse(sample)).toEqual(sample)
  expect(FlowSample.safeParse({ ...sample, quality: 'bad' }).success).toBe(false)
  const output = { sink: 'alarm', timeMs: 5, quality: 'good', value: [1, 2] }
  expect(FlowGolden.parse({ tolerance: { absolute: 0, relative: 0 }, outputs: [output] }).outputs).toEqual([output])
  const part = { part: 'step', name: 'score', in: 3, out: 2, dropped: 1, late: 0, bad: 0, queued: 0 }
  const figures = { flow: 'watch', state: { kind: 'running' }, crashes: 0, lost: 0, parts: [part] }
  expect(FlowFigures.parse(figures)).toEqual(figures)
})
