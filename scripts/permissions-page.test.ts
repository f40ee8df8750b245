import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { permissionsPage } from './permissions-page.ts'
import { ROOT } from './step.ts'

test('docs/permissions.md says what the contract says; "npm run generate" writes it', async () => {
  expect(await readFile(join(ROOT, 'docs/permissions.md'), 'utf8')).toBe(permissionsPage())
})
