import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { commands } from './command-list.ts'
import { referenceText } from './reference.ts'

test('docs/cli.md says what the commands are', async () => {
  const file = new URL('../../../docs/cli.md', import.meta.url)
  expect(await readFile(file, 'utf8'), 'run "node apps/cli/src/write-reference.ts"').toBe(referenceText(commands))
})
