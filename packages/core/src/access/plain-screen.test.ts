import { expect, test } from 'vitest'
import { plainScreen } from './plain-screen.ts'

const ESC = '\u001b'

const shown = (...pieces: string[]) => {
  const screen = plainScreen()
  return pieces.map((piece) => screen(piece)).join('')
}

test('text, colours and the cursor are drawn', () => {
  const drawn = `a\tü\r\n${ESC}[1;31mred${ESC}[0m${ESC}[2J${ESC}[10;20H${ESC}[K`
  expect(shown(drawn)).toBe(drawn)
})

test.each([
  ['the title', `${ESC}]0;owned\u0007`],
  ['the clipboard', `${ESC}]52;c;cm0gLXJmIC8=${ESC}\\`],
  ['a link to another address', `${ESC}]8;;http://evil.example${ESC}\\`],
  ['a question that is answered through the keyboard', `${ESC}[c${ESC}[6n${ESC}[>q${ESC}[21t`],
  ['a mode of the terminal', `${ESC}[?1049h${ESC}[?2004l${ESC}[>4;2m`],
  ['a device control string', `${ESC}P$qm${ESC}\\`],
  ['an application command', `${ESC}_Gf=100;AAAA${ESC}\\`],
  ['a reset, and another character set', `${ESC}c${ESC}(0\u000e`],
  ['C1 controls in one character', '\u009d52;c;eA==\u009c\u009b6n\u0090q\u009c'],
  ['bell and answerback', '\u0007\u0005'],
])('%s is left out', (_what, sequence) => {
  expect(shown(`before${sequence}after`)).toBe('beforeafter')
  // Also when each character comes alone.
  expect(shown(...`before${sequence}after`)).toBe('beforeafter')
})

test('a sequence that never ends hides no later output for long, and does nothing', () => {
  const endless = `${ESC}]52;c;${'A'.repeat(300)}`
  expect(shown(endless, 'later')).toBe(`]52;c;${'A'.repeat(300)}later`)
})
