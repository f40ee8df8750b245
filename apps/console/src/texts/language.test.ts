import { expect, test } from 'vitest'
import { languageOf } from './language.ts'

test('the choice of the person comes first, then the browser, then English', () => {
  expect(languageOf('en', ['de-DE'])).toBe('en')
  expect(languageOf(null, ['fr-CH', 'de-CH', 'en'])).toBe('de')
  expect(languageOf('klingon', ['fr'])).toBe('en')
  expect(languageOf(undefined, [])).toBe('en')
})

test('a name that every object has is no language', () => {
  expect(languageOf('toString', ['constructor'])).toBe('en')
})
