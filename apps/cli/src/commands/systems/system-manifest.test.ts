import { expect, test } from 'vitest'
import { readSystemManifest } from './system-manifest.ts'

const HEAD = 'apiVersion: skerry/v1\nkind: SystemRelease\nmetadata: { name: line }\n'
const read = (spec: string) => readSystemManifest('line.yaml', `${HEAD}spec:\n${spec}`)

test('a version may be a number, an alias or absent, and a part may have settings', () => {
  const { metadata, spec } = read(`  description: line 4
  parts:
    - { name: limits }
    - { name: anomaly, version: 7, serving: { instances: 2 } }
    - { name: dash, version: "@stable", config: { theme: dark } }
`)
  expect(metadata.name).toBe('line')
  expect(spec.parts.map(({ name, version }) => [name, version])).toEqual([
    ['limits', 'latest'],
    ['anomaly', '7'],
    ['dash', '@stable'],
  ])
  expect(spec.parts[1]?.serving).toMatchObject({ instances: 2 })
  expect(spec.parts[2]?.config).toEqual({ theme: 'dark' })
})

test.each([
  ['no part', '  parts: []\n', 'line.yaml:'],
  ['a misspelt field', '  parts: [{ name: limits, versoin: 2 }]\n', 'versoin'],
  ['a short digest', '  parts: [{ name: limits, digest: abc }]\n', 'digest'],
  ['a second document', `  parts: [{ name: limits }]\n---\n${HEAD}spec: { parts: [{ name: dash }] }\n`, 'one release'],
])('a file with %s is rejected with its place', (_, spec, words) => {
  expect(() => read(spec)).toThrow(words)
})

test('another kind of document is rejected', () => {
  expect(() => readSystemManifest('sites.yaml', 'apiVersion: skerry/v1\nkind: Site\n')).toThrow('sites.yaml')
  expect(() => readSystemManifest('empty.yaml', '')).toThrow('no document of kind SystemRelease')
})
