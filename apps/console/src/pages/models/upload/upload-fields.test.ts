import { LineageSpec, PushRequest } from '@skerry/contract/models/model'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyFields, requestOf, type UploadFields } from './upload-fields.ts'

const golden = { cases: [{ inputs: { x: { datatype: 'FP32' as const, shape: [1], data: 'AAAAAA==' } } }] }
const fields = (change: Partial<UploadFields>): UploadFields => ({ ...emptyFields('pump'), ...change })

test('a name alone is a request', () => {
  expect(requestOf(fields({}), undefined)).toEqual({ ok: true, request: { model: 'pump', aliases: [], labels: {} } })
})

test('everything that is typed goes along', () => {
  const said = fields({
    aliases: '@champion, best',
    labels: 'run=7',
    absolute: '0,01',
    parents: 'base:3\nother@best',
    source: 'https://git.example/x',
    commit: 'c0ffee',
    dataset: 's3://x',
    datasetDigest: `sha256:${'a'.repeat(64)}`,
    tool: 'pytorch 2.6',
    notes: 'quick',
  })
  expect(requestOf(said, golden)).toEqual({
    ok: true,
    request: {
      model: 'pump',
      aliases: ['champion', 'best'],
      labels: { run: '7' },
      golden: { ...golden, tolerance: { absolute: 0.01, relative: 0 } },
      lineage: {
        parents: [
          { model: 'base', version: '3' },
          { model: 'other', version: '@best' },
        ],
        source: { uri: 'https://git.example/x', commit: 'c0ffee' },
        dataset: { uri: 's3://x', digest: `sha256:${'a'.repeat(64)}` },
        tool: 'pytorch 2.6',
        notes: 'quick',
      },
    },
  })
})

test.each<[Partial<UploadFields>, keyof UploadFields]>([
  [{ model: '' }, 'model'],
  [{ model: 'Pump' }, 'model'],
  [{ model: 'upload' }, 'model'],
  [{ aliases: 'Champion' }, 'aliases'],
  [{ labels: 'run' }, 'labels'],
  [{ absolute: '-1' }, 'absolute'],
  [{ relative: 'much' }, 'relative'],
  [{ parents: 'base' }, 'parents'],
  [{ parents: Array.from({ length: 17 }, (_, index) => `base:${index + 1}`).join('\n') }, 'parents'],
  [{ source: 'my disk' }, 'source'],
  [{ source: 'https://me:secret@git.example/' }, 'source'],
  [{ commit: 'c0ffee' }, 'commit'],
  [{ dataset: 's3://x', datasetDigest: 'md5:1' }, 'datasetDigest'],
  [{ datasetDigest: `sha256:${'a'.repeat(64)}` }, 'datasetDigest'],
])('%j is marked at its field', (change, name) => {
  const result = requestOf(fields(change), golden)
  expect(result.ok).toBe(false)
  if (!result.ok) expect(Object.keys(result.errors)).toEqual([name])
})

test('whatever is typed, what comes of it fits the contract', () => {
  const word = fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('a:1', 'a@b', 's3://x', 'k=v', '0.5', 'name'))
  const typed = fc.record(Object.fromEntries(Object.keys(emptyFields('')).map((name) => [name, word])))
  fc.assert(
    fc.property(typed, (said) => {
      const result = requestOf({ ...emptyFields('pump'), ...said, model: 'pump' }, golden)
      if (!result.ok) return
      const { lineage } = result.request
      if (lineage) expect(LineageSpec.safeParse(lineage).error?.issues ?? []).toEqual([])
      const files = [{ path: 'model.onnx', digest: `sha256:${'a'.repeat(64)}` }]
      expect(PushRequest.safeParse({ ...result.request, files }).error?.issues ?? []).toEqual([])
    }),
    { numRuns: 500 },
  )
})
