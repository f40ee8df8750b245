import { Flow } from '@skerry/contract/flows/flow'
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import { expect, test } from 'vitest'
import type * as z from 'zod'
import { originsOf, type SignalOrigin } from './signal-origin.ts'

const UNITS: Record<string, string> = {
  'press/temperature': '°C',
  'press/mould': '°C',
  'press/pressure': 'bar',
  'oven/temperature': '°C',
  'oven/odd': 'a unit of more than twenty letters',
}
const unitOf = (source: string, tag: string) => UNITS[`${source}/${tag}`]

const INPUTS = [
  { name: 'hot', source: 'press', tag: 'temperature' },
  { name: 'mould', source: 'press', tag: 'mould' },
  { name: 'pressure', source: 'press', tag: 'pressure' },
  { name: 'oven', source: 'oven', tag: 'temperature' },
  { name: 'odd', source: 'oven', tag: 'odd' },
]

/** The origin of the last of these steps. */
function after(...steps: z.input<typeof FlowStep>[]): SignalOrigin | undefined {
  const name = steps.at(-1)?.name ?? ''
  const flow = Flow.parse({ name: 'watch', inputs: INPUTS, steps, sinks: [{ name: 'out', kind: 'hub', from: name }] })
  return originsOf(flow, unitOf).get(name)
}

const HOT = { source: 'press', tag: 'temperature' }
const window = { name: 'w', kind: 'window', by: 'count', from: 'hot', samples: 8 } as const
const row = { name: 'r', kind: 'align', maxAgeMs: 1_000 } as const

test('an input has the source, the tag and the unit of its tag', () => {
  const flow = Flow.parse({ name: 'f', inputs: INPUTS, sinks: [{ name: 'out', kind: 'hub', from: 'hot' }] })
  expect(Object.fromEntries(originsOf(flow, unitOf))).toMatchObject({
    hot: { ...HOT, unit: '°C' },
    oven: { source: 'oven', tag: 'temperature', unit: '°C' },
  })
  expect(originsOf(flow, () => undefined).get('hot')).toEqual(HOT)
  // A sink value has no room for it.
  expect(originsOf(flow, unitOf).get('odd')).toEqual({ source: 'oven', tag: 'odd' })
})

test.each<[what: string, steps: z.input<typeof FlowStep>[], unit: string | undefined]>([
  ['a conversion between units', [{ name: 'f', kind: 'convert', from: 'hot', unit: { from: '°C', to: '°F' } }], '°F'],
  ['a scale', [{ name: 'f', kind: 'convert', from: 'hot', scale: 0.1 }], undefined],
  ['an offset', [{ name: 'f', kind: 'convert', from: 'hot', offset: 3 }], undefined],
  ['a conversion that changes nothing', [{ name: 'f', kind: 'convert', from: 'hot' }], '°C'],
  [
    'a filter with another signal',
    [{ name: 'f', kind: 'filter', from: 'hot', where: 'value > oven', with: ['oven'] }],
    '°C',
  ],
  ['a grid', [{ name: 'f', kind: 'resample', from: 'hot', everyMs: 100, maxAgeMs: 1_000 }], '°C'],
  ['an earlier value', [{ name: 'f', kind: 'lag', from: 'hot', samples: 2 }], '°C'],
  ['a difference', [{ name: 'f', kind: 'difference', from: 'hot' }], '°C'],
  ['a rate', [{ name: 'f', kind: 'difference', from: 'hot', per: 'minute' }], '°C/min'],
  ['a mean and a maximum', [window, { name: 's', kind: 'statistics', from: 'w', of: ['mean', 'max'] }], '°C'],
  ['a slope', [window, { name: 's', kind: 'statistics', from: 'w', of: ['slope'] }], '°C/s'],
  ['a mean and a slope', [window, { name: 's', kind: 'statistics', from: 'w', of: ['mean', 'slope'] }], undefined],
  ['a count', [window, { name: 's', kind: 'statistics', from: 'w', of: ['count'] }], undefined],
  ['an amplitude', [window, { name: 's', kind: 'fft', from: 'w' }], '°C'],
  ['a power', [window, { name: 's', kind: 'fft', from: 'w', output: 'power' }], undefined],
  ['a normalised value', [{ name: 'n', kind: 'normalise', from: 'hot', mean: [1], std: [2] }], undefined],
  ['a threshold', [{ name: 't', kind: 'threshold', from: 'hot', above: 90 }], undefined],
  ['a formula', [{ name: 'e', kind: 'expression', from: ['hot'], expression: 'hot * 2' }], undefined],
  ['the answer of a model', [{ name: 'm', kind: 'model', from: ['hot'], model: 'm' }], undefined],
])('%s keeps the tag, and has its own unit', (_, steps, unit) =>
  expect(after(...steps)).toEqual({ ...HOT, ...(unit !== undefined && { unit }) }),
)

test('several tags of one source have the source, and their unit if it is the same', () => {
  expect(after({ ...row, from: ['hot', 'mould'] })).toEqual({ source: 'press', unit: '°C' })
  expect(after({ ...row, from: ['hot', 'pressure'] })).toEqual({ source: 'press' })
  expect(after({ ...row, from: ['hot', 'oven'] })).toEqual({ unit: '°C' })
})

test('an alarm on the answer of a model still names the only tag that it depends on', () => {
  const model: z.input<typeof FlowStep> = { name: 'score', kind: 'model', from: ['s'], model: 'm' }
  const mean: z.input<typeof FlowStep> = { name: 's', kind: 'statistics', from: 'w', of: ['mean'] }
  expect(after(window, mean, model, { name: 'alarm', kind: 'threshold', from: 'score', above: 0.9 })).toEqual(HOT)
})
