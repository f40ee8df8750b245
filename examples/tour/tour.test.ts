import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('the whole tour runs, and reports each step', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'main.ts'), '--once'])
  expect(stdout).toMatch(/^All \d+ claims held/m)
  expect(stdout).not.toContain('✗')
})
