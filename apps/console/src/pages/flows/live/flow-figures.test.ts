import type { FlowPartLook, SeenValue } from '@skerry/contract/flows/flow-look'
import { expect, test } from 'vitest'
import type { FlowNode } from '../../models/version/flow-layout.ts'
import { fewText, figuresOf, lineOf, numberText, seenText } from './flow-figures.ts'

const seen = (value: number, timeMs = 0): SeenValue => ({ timeMs, quality: 'good', value })
const part = (fields: Partial<FlowPartLook> & Pick<FlowPartLook, 'part' | 'name'>): FlowPartLook => ({
  in: 0,
  out: 0,
  dropped: 0,
  late: 0,
  bad: 0,
  queued: 0,
  inPerSecond: 0,
  outPerSecond: 0,
  lostPerSecond: 0,
  last: 0,
  recent: [],
  ...fields,
})
const node = (fields: Partial<FlowNode> & Pick<FlowNode, 'id' | 'part' | 'name'>): FlowNode => ({
  kind: '',
  from: [],
  ...fields,
})

test('each drawn node shows its rate, losses and newest value; sinks and steps are separate', () => {
  const nodes = [
    node({ id: 'signal level', part: 'step', name: 'level' }),
    node({ id: 'sink level', part: 'sink', name: 'level' }),
    node({ id: 'sink other', part: 'sink', name: 'other' }),
  ]
  const parts = [
    part({ part: 'step', name: 'level', outPerSecond: 2, dropped: 3, late: 4, recent: [seen(1), seen(2)] }),
    part({ part: 'sink', name: 'level', outPerSecond: 1 }),
  ]
  const figures = figuresOf(nodes, parts)
  expect(figures.get('signal level')).toEqual({ outPerSecond: 2, lost: 7, newest: seen(2) })
  expect(figures.get('sink level')).toMatchObject({ outPerSecond: 1, newest: undefined })
  expect(figures.has('sink other')).toBe(false)
})

test('values that a sink with a rate leaves out are no loss, so they are not red', () => {
  const nodes = [node({ id: 'sink slow', part: 'sink', name: 'slow' })]
  const throttled = part({ part: 'sink', name: 'slow', in: 1_000, out: 10, inPerSecond: 10, outPerSecond: 0.1 })
  expect(figuresOf(nodes, [throttled]).get('sink slow')).toMatchObject({ outPerSecond: 0.1, lost: 0 })
  const losing = figuresOf(nodes, [{ ...throttled, dropped: 2 }])
  expect(losing.get('sink slow')).toMatchObject({ lost: 2 })
})

test('a merged input node sums its inputs, and shows no single value', () => {
  const nodes = [node({ id: 'source plc', part: 'input', name: 'plc', inputs: ['a', 'b'] })]
  const parts = ['a', 'b'].map((name) => part({ part: 'input', name, outPerSecond: 5, late: 1, recent: [seen(1)] }))
  expect(figuresOf(nodes, parts).get('source plc')).toEqual({ outPerSecond: 10, lost: 2, newest: undefined })
})

test.each<[SeenValue, string]>([
  [seen(2.4730802), '2.47308'],
  [{ timeMs: 0, quality: 'good', value: [1, 2.5], omitted: 3 }, '[1, 2.5] …'],
  [{ timeMs: 0, quality: 'uncertain', value: 'on', cause: 'held' }, 'on (uncertain)'],
  [{ timeMs: 0, quality: 'bad', cause: 'value_stale' }, 'bad: value_stale'],
])('the value %j is shown as %s', (value, text) => expect(seenText(value)).toBe(text))

test('numbers have their unit, and text and bad values have none', () => {
  expect(seenText(seen(2.5), '°C')).toBe('2.5 °C')
  expect(seenText({ timeMs: 0, quality: 'uncertain', value: [1, 2], omitted: 3, cause: 'held' }, 'mm/s')).toBe(
    '[1, 2] … mm/s (uncertain)',
  )
  expect(seenText({ timeMs: 0, quality: 'good', value: 'on' }, '°C')).toBe('on')
  expect(seenText({ timeMs: 0, quality: 'bad', cause: 'value_stale' }, '°C')).toBe('bad: value_stale')
})

test('rates are rounded, and counters show all digits', () => {
  expect([0, 0.2, 12.54, 1_234].map(fewText)).toEqual(['0', '0.2', '12.5', '1.23K'])
  expect(numberText(12_345_678)).toBe('12345678')
})

test('recent numbers form a line, and bad values leave no point', () => {
  const box = { width: 100, height: 10 }
  const bad: SeenValue = { timeMs: 5, quality: 'bad', cause: 'x' }
  expect(lineOf([seen(0, 0), bad, seen(10, 10)], box)).toBe('0.0,10.0 100.0,0.0')
  expect(lineOf([seen(3, 0), seen(3, 10)], box)).toBe('0.0,5.0 100.0,5.0')
  expect(lineOf([seen(3, 0)], box)).toBe('')
})
