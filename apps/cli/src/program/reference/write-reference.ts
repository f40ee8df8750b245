/** Write reference: brings docs/reference/cli.md up to date: `node apps/cli/src/program/reference/write-reference.ts`. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { commands } from '../command-list.ts'
import { referenceText } from './reference.ts'

await writeFile(
  fileURLToPath(new URL('../../../../../docs/reference/cli.md', import.meta.url)),
  referenceText(commands),
)
