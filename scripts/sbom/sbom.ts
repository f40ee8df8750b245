/** `npm run sbom`: what Skerry is made of, in .skerry/skerry.cdx.json; with a path of a workspace, such as apps/agent, of that alone. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { readLock } from '../lock.ts'
import { ROOT } from '../step.ts'
import { sbomDocument } from './sbom-document.ts'

const APPS = ['apps/agent', 'apps/cli', 'apps/console', 'apps/hub']

const roots = process.argv.length > 2 ? process.argv.slice(2) : APPS
const lock = readLock()
const stranger = roots.find((path) => !(path in lock))
if (stranger !== undefined) throw new Error(`${stranger} is no workspace; name one such as apps/hub`)
const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')))
const path = join(ROOT, '.skerry/skerry.cdx.json')
await mkdir(join(ROOT, '.skerry'), { recursive: true })
const document = sbomDocument({ lock, version, roots, kinds: ['dependencies', 'optionalDependencies'] })
await writeFile(path, `${JSON.stringify(document, undefined, 2)}\n`)
console.log(`wrote ${path}: ${document.components.length} components`)
