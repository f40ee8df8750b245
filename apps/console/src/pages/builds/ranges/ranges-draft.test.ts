import { expect, test } from 'vitest'
import { readRanges, USUAL_RANGES } from './ranges-draft.ts'

test('ranges come from all devices and 256 rows at first', () => {
  expect(readRanges(USUAL_RANGES)).toEqual({ request: { rows: 256 }, problems: {} })
})

test.each([
  [{ rows: '7' }, 'rows'],
  [{ rows: '' }, 'rows'],
  [{ rows: '12.5' }, 'rows'],
  [{ rows: '513' }, 'rows'],
  [{ selector: 'device.' }, 'selector'],
])('%j is reported at its field', (part, field) => {
  const { request, problems } = readRanges({ ...USUAL_RANGES, ...part })
  expect(request).toBeUndefined()
  expect(Object.keys(problems)).toEqual([field])
})
