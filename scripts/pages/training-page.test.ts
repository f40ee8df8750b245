import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../step.ts'
import { trainingPage } from './training-page.ts'

test('docs/models/training.md has the operators that have rules; "npm run generate" writes it', async () => {
  expect(await readFile(join(ROOT, 'docs/models/training.md'), 'utf8')).toBe(trainingPage())
})
