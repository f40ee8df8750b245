import { Flow } from '@skerry/contract/flows/flow'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readFlowFiles } from './flow-files.ts'
import { emptyLimit, limitFile } from './limit-form.ts'

const filled = { ...emptyLimit('con_1'), tag: 'temperature', limit: '63,5' }

test('the typed fields become the file of a flow that the page can upload', () => {
  const made = limitFile({ ...filled, clear: '61', silenceSeconds: '15' }, 'pump-1')
  if (!made.ok) throw new Error(made.message)
  expect(Flow.parse(parse(made.text)).steps).toMatchObject([{ above: 63.5, clear: 61, forMs: 1_000 }])
  const { flow, flaws } = readFlowFiles([{ name: 'flow.yaml', sizeBytes: made.text.length, text: made.text }])
  expect({ name: flow?.name, flaws }).toEqual({ name: 'pump-1-temperature-alarm', flaws: [] })
})

test.each([
  ['no source', filled, undefined, 'Choose a source'],
  ['no tag', { ...filled, tag: '' }, 'pump-1', 'Choose a tag'],
  ['no limit', { ...filled, limit: '' }, 'pump-1', 'The limit must be a number'],
  ['a word as limit', { ...filled, limit: 'hot' }, 'pump-1', 'The limit must be a number'],
  ['a word as time', { ...filled, forSeconds: 'long' }, 'pump-1', '“long” is not a number'],
  [
    'an end beyond the limit',
    { ...filled, clear: '70' },
    'pump-1',
    'clear must lie on the quiet side of the threshold',
  ],
])('the form names the next mistake: %s', (_, form, source, message) => {
  expect(limitFile(form, source)).toEqual({ ok: false, message })
})
