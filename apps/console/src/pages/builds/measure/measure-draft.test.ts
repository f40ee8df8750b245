import { BenchRequest } from '@skerry/contract/builds/bench-command'
import { expect, test } from 'vitest'
import { measureDraftOf, readMeasure } from './measure-draft.ts'

const BUILD = 'bld_aaaaaaaaaaaaaaaaaaaa'
const draft = measureDraftOf([{ id: BUILD }])

test('a measurement has all builds at first, and the usual limits', () => {
  expect(readMeasure(draft)).toEqual({ request: BenchRequest.parse({ builds: [BUILD] }), problems: {} })
})

test('settings of sessions and batches are tried only if a person wants it', () => {
  expect(readMeasure({ ...draft, sessions: true, batches: true }).request).toMatchObject({
    sessions: true,
    batches: true,
  })
  expect(Object.keys(readMeasure({ ...draft, batches: false }).request ?? {})).not.toContain('batches')
})

test('more builds than a measurement takes are left out at first', () => {
  const many = Array.from({ length: 12 }, (_, index) => ({ id: `bld_${index}` }))
  expect(measureDraftOf(many).builds.size).toBe(7)
})

test.each([
  [{ seconds: '1' }, 'seconds'],
  [{ seconds: '' }, 'seconds'],
  [{ cpuPercent: '101' }, 'cpuPercent'],
  [{ selector: 'device.' }, 'selector'],
  [{ builds: new Set('abcdefgh') }, 'builds'],
])('%j is reported at its field', (part, field) => {
  const { request, problems } = readMeasure({ ...draft, ...part })
  expect(request).toBeUndefined()
  expect(Object.keys(problems)).toEqual([field])
})
