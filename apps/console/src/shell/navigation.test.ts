import { expect, test } from 'vitest'
import { destinations } from './navigation.ts'

test('each page of the navigation has a letter of its own', () => {
  const letters = destinations.map(({ letter }) => letter)
  expect(letters.filter((letter, index) => letters.indexOf(letter) !== index)).toEqual([])
})
