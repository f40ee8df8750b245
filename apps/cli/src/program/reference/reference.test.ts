import { readFile } from 'node:fs/promises'
import { manifestKinds, parseManifests } from '@skerry/client/manifests/manifest'
import { expect, test } from 'vitest'
import { commands } from '../command-list.ts'
import { referenceText } from './reference.ts'
import { yamlReferenceText } from './yaml-reference.ts'

test('docs/reference/cli.md describes the commands as they are', async () => {
  const file = new URL('../../../../../docs/reference/cli.md', import.meta.url)
  expect(await readFile(file, 'utf8'), 'run "node apps/cli/src/program/reference/write-reference.ts"').toBe(
    referenceText(commands),
  )
})

test('docs/reference/yaml.md has the fields of all kinds of documents, and its examples are right', async () => {
  const text = await readFile(new URL('../../../../../docs/reference/yaml.md', import.meta.url), 'utf8')
  expect(text, 'run "node apps/cli/src/program/reference/write-reference.ts"').toBe(yamlReferenceText())
  const examples = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml)
  const { manifests, problems } = parseManifests('yaml.md', examples.join('---\n'))
  expect([manifests.map(({ manifest }) => manifest.kind), problems]).toEqual([Object.keys(manifestKinds), []])
})
