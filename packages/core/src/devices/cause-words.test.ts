import { expect, test } from 'vitest'
import { causeText, retryCommand } from './cause-words.ts'

const fresh = { code: 'golden_mismatch', message: 'y differs' }
const remembered = { ...fresh, remembered: true as const }

test('a fresh failure is its code and its message', () => {
  expect(causeText(fresh)).toBe('golden_mismatch: y differs')
  expect(causeText({ code: 'crashed', message: '' }, 'skerry device retry a b')).toBe('crashed')
})

test('a remembered failure says that the device did not try again, and what makes it try', () => {
  expect(causeText(remembered)).toBe('not tried again: it failed here before (remembered): golden_mismatch: y differs')
  expect(causeText(remembered, retryCommand('press-1', 'press'))).toBe(
    'not tried again: it failed here before (remembered; retry with `skerry device retry press-1 press`): golden_mismatch: y differs',
  )
})

test('a cause that names the command itself does not get it twice', () => {
  const crashed = { code: 'crashed', message: 'try again with "skerry device retry DEVICE DEPLOYMENT"' }
  expect(causeText({ ...crashed, remembered: true }, retryCommand('press-1', 'press'))).toBe(
    `not tried again: it failed here before (remembered): crashed: ${crashed.message}`,
  )
})
