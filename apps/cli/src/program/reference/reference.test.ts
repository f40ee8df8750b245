import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { commands } from '../command-list.ts'
import { referenceText } from './reference.ts'

test('docs/reference/cli.md says what the commands are', async () => {
  const file = new URL('../../../../../docs/reference/cli.md', import.meta.url)
  expect(await readFile(file, 'utf8'), 'run "node apps/cli/src/program/reference/write-reference.ts"').toBe(
    referenceText(commands),
  )
})
