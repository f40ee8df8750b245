import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Flow } from '@skerry/contract/flows/flow'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readFlowFiles } from './flow-files.ts'

const FOLDER = join(import.meta.dirname, '../../../../../../examples/flows/pump-vibration')
const FLOW = readFileSync(join(FOLDER, 'flow.yaml'), 'utf8')
const file = (name: string, text: string) => ({ name, sizeBytes: text.length, text })
const SAMPLE = '{"source":"pump-1","tag":"vibration","quality":"good","value":2,"receivedTimeMs":1000}'
const GOLDEN = JSON.stringify({ tolerance: { absolute: 0.1, relative: 0 }, outputs: [] })

test('a flow alone is a version of one file, written as the command line writes it', () => {
  const read = readFlowFiles([file('flow.yaml', FLOW)])
  expect(read.flaws).toEqual([])
  expect(read.texts).toEqual([{ path: 'flow.json', text: canonicalJson(Flow.parse(parse(FLOW))) }])
})

test('a recording and its golden file are found by their names, and travel along', () => {
  const read = readFlowFiles([
    file('day.jsonl', `${SAMPLE}\n\n${SAMPLE}\n`),
    file('expect.json', GOLDEN),
    file('notes.txt', ''),
    file('flow.yml', FLOW),
  ])
  expect(read).toMatchObject({ samples: 2, outputs: 0, flaws: [] })
  expect(read.parts.map(({ part }) => part)).toEqual(['recording', 'golden', 'unused', 'flow'])
  expect(read.texts.map(({ path }) => path)).toEqual(['flow.json', 'recording.jsonl', 'golden.json'])
})

test('a flow in JSON is read as well', () => {
  expect(readFlowFiles([file('flow.json', JSON.stringify(parse(FLOW)))]).flaws).toEqual([])
})

test('a mistake stands with its file and line', () => {
  const lines = FLOW.split('\n')
  const at = lines.findIndex((line) => line.includes('kind:'))
  const broken = lines.map((line, index) => (index === at ? line.replace('kind: ', 'kind: un') : line)).join('\n')
  const { flaws, texts } = readFlowFiles([file('flow.yaml', broken)])
  expect(flaws[0]).toMatchObject({ file: 'flow.yaml', line: at + 1 })
  expect(texts).toEqual([])
  const bad = readFlowFiles([file('f.yaml', FLOW), file('r.jsonl', `${SAMPLE}\n{"tag":1}\n`), file('g.json', GOLDEN)])
  expect(bad.flaws).toMatchObject([{ file: 'r.jsonl', line: 2 }])
})

test.each([
  ['no flow', [file('day.jsonl', SAMPLE)], /no flow among them/],
  ['two flows', [file('a.yaml', FLOW), file('b.yaml', FLOW)], /several flows: a.yaml, b.yaml/],
  ['a recording alone', [file('a.yaml', FLOW), file('r.jsonl', SAMPLE)], /belong together/],
  ['a file that was too large to be read', [{ name: 'a.yaml', sizeBytes: 9e9, text: undefined }], /more than 4 MiB/],
  [
    'a golden file that is none',
    [file('a.yaml', FLOW), file('r.jsonl', SAMPLE), file('g.json', '{"outputs": 1}')],
    /^tolerance: /,
  ],
  ['an empty file', [file('a.yaml', ' ')], /no flow/],
])('%s is said', (_, files, message) => {
  const { flaws, texts } = readFlowFiles(files)
  expect(flaws[0]?.message).toMatch(message)
  expect(texts).toEqual([])
})
