import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelLines, parseLabels } from './label-lines.ts'

const key = fc.stringMatching(/^[a-z0-9]([a-z0-9._/-]{0,10}[a-z0-9])?$/).filter((name) => name !== '__proto__')
const value = fc.stringMatching(/^[a-zA-Z0-9=. -]{0,20}$/).map((text) => text.trim())

test('labels survive formatting and parsing', () => {
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 8, noNullPrototype: true }), (labels) => {
      expect(parseLabels(labelLines(labels))).toEqual({ ok: true, labels })
    }),
  )
})

test.each(['line', 'Line=2', '=2', 'a b=c', `x=${'y'.repeat(64)}`])('%s is no label', (line) => {
  expect(parseLabels(`ok=1\n${line}`)).toEqual({ ok: false, line })
})

test('spaces and empty lines are ignored', () => {
  expect(parseLabels('\n  line = 2 \n\n')).toEqual({ ok: true, labels: { line: '2' } })
})
