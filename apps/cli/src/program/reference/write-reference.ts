/** Write reference: brings docs/reference/cli.md and yaml.md up to date: `node apps/cli/src/program/reference/write-reference.ts`. */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { commands } from '../command-list.ts'
import { referenceText } from './reference.ts'
import { yamlReferenceText } from './yaml-reference.ts'

const pathOf = (name: string) => fileURLToPath(new URL(`../../../../../docs/reference/${name}`, import.meta.url))

await writeFile(pathOf('cli.md'), referenceText(commands))
await writeFile(pathOf('yaml.md'), yamlReferenceText())
