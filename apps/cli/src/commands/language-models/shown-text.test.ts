import { expect, test } from 'vitest'
import { shownText } from './shown-text.ts'

test('an answer cannot command the terminal', () => {
  expect(shownText('high\t9 bar\n\u001b]0;owned\u0007\u009b2Jälter 🛢')).toBe('high\t9 bar\n]0;owned2Jälter 🛢')
})
