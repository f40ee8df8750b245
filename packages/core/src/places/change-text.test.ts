import { expect, test } from 'vitest'
import { parseChange } from './change-text.ts'

test.each([
  ['site lyon down', { siteDown: 'lyon' }],
  ['device press-1 down', { deviceDown: 'press-1' }],
  ['residency EU,CH', { residency: ['EU', 'CH'] }],
  ['data confidential', { dataClass: 'confidential' }],
  ['replicas 4', { replicas: 4 }],
  ['replicas per-site', { replicas: 'per-site' }],
])('%s', (text, change) => {
  expect(parseChange(text)).toEqual({ ok: true, change })
})

test.each(['', 'site lyon', 'site lyon up', 'load x2', 'data confidential down', 'replicas 0', 'site a down now'])(
  '%j is rejected with the forms that are known',
  (text) => {
    expect(parseChange(text)).toEqual({ ok: false, message: expect.stringContaining('site NAME down') })
  },
)
