import { expect, test } from 'vitest'
import { formName } from './form-name.ts'

test.each([
  [{}, 'quality:1'],
  [{ recipe: 'matmul-4bit' as const, build: 'matmul-4bit' }, 'quality:1 matmul-4bit'],
  [{ build: 'best' }, 'quality:1 best builds'],
])('a version with %j has the name %s', (form, name) => {
  expect(formName({ deployable: 'quality', version: 1, ...form })).toBe(name)
})
