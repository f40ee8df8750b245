import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../step.ts'
import { permissionsPage } from './permissions-page.ts'

test('docs/reference/permissions.md says what the contract says; "npm run generate" writes it', async () => {
  expect(await readFile(join(ROOT, 'docs/reference/permissions.md'), 'utf8')).toBe(permissionsPage())
})
