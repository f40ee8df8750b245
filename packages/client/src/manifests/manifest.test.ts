import { expect, test } from 'vitest'
import { findDuplicates, parseManifests } from './manifest.ts'

const site = (name: string) => `apiVersion: skerry/v1
kind: Site
metadata:
  name: ${name}
spec:
  kind: edge
`

/** The problems of a file, as they are shown. */
const problemsOf = (text: string) =>
  parseManifests('fleet.yaml', text).problems.map(({ place, message }) => `${place}: ${message}`)

test('the parser reads every document, with the line on which it begins', () => {
  const { manifests, problems } = parseManifests('fleet.yaml', `# two sites\n${site('a')}---\n${site('b')}---\n`)
  expect(problems).toEqual([])
  expect(manifests.map(({ place, manifest }) => [place, manifest.metadata.name])).toEqual([
    ['fleet.yaml:2', 'a'],
    ['fleet.yaml:9', 'b'],
  ])
})

test('a missing field has the default of the contract', () => {
  const [placed] = parseManifests('fleet.yaml', site('a')).manifests
  expect(placed?.manifest).toEqual({
    apiVersion: 'skerry/v1',
    kind: 'Site',
    metadata: { name: 'a', labels: {} },
    spec: { kind: 'edge', clearance: 'internal' },
  })
})

test.each([
  [
    'an unknown field',
    site('a').replace('kind: edge', 'kind: edge\n  colour: red'),
    'fleet.yaml:7: spec.colour is not a field here; the fields are kind, country, region, coordinates, clearance',
  ],
  [
    'an unknown field on top',
    `${site('a')}status: up\n`,
    'fleet.yaml:7: status is not a field here; the fields are apiVersion, kind, metadata, spec',
  ],
  [
    'a field with a mistake',
    site('a').replace('kind: edge', 'kind: edge\n  contry: NL'),
    'fleet.yaml:7: spec.contry is not a field here; did you mean country?',
  ],
  [
    'a kind with a mistake',
    site('a').replace('Site', 'site'),
    'fleet.yaml:2: kind: must be Site, Group or Deployment; did you mean Site?',
  ],
  ['an unknown kind', site('a').replace('Site', 'Pod'), 'fleet.yaml:2: kind: must be Site, Group or Deployment'],
  ['another version', site('a').replace('v1', 'v9'), 'fleet.yaml:1: apiVersion: Invalid input: expected "skerry/v1"'],
  ['a missing part', site('a').replace(/spec:\n.*\n/, ''), 'fleet.yaml:1: spec: is missing; write an object'],
  [
    'a missing field',
    site('a').replace('kind: edge', 'country: NL'),
    'fleet.yaml:5: spec.kind: Invalid option: expected one of "edge"|"onprem"|"cloud"',
  ],
  [
    'a bad name',
    site('A'),
    'fleet.yaml:4: metadata.name: must be 1 to 63 of a-z, 0-9 and -, not starting or ending with -',
  ],
  ['a key given twice', `${site('a')}  kind: cloud\n`, 'fleet.yaml:7: Map keys must be unique'],
  ['a broken line', 'apiVersion: "skerry/v1\n', 'fleet.yaml:2: Missing closing "quote'],
  ['a list', '- 1\n', 'fleet.yaml:1: the document: Invalid input: expected object, received array'],
])('%s is reported with its line', (_what, text, problem) => {
  expect(problemsOf(text)).toEqual([problem])
})

test('all problems of a file are reported at once', () => {
  const text = `${site('a').replace('edge', 'moon')}---\n${site('b').replace('kind: edge', 'kind: edge\n  colour: red')}`
  expect(problemsOf(text)).toHaveLength(2)
})

test('a name may appear only once in all files', () => {
  const { manifests } = parseManifests('fleet.yaml', `${site('a')}---\n${site('a')}`)
  expect(findDuplicates(manifests)).toEqual([
    { place: 'fleet.yaml:8', message: 'fleet.yaml:1 describes Site a already' },
  ])
})

test('a deployment can ask for the best build of each class', () => {
  const text = `apiVersion: skerry/v1
kind: Deployment
metadata: { name: reader }
spec: { deployable: reader, version: "1", build: best }
`
  expect(parseManifests('fleet.yaml', text).manifests[0]?.manifest.spec).toMatchObject({ build: 'best' })
})

test('a word that older YAML reads as false stays text', () => {
  const [placed] = parseManifests('fleet.yaml', site('a').replace('kind: edge', 'kind: edge\n  country: NO')).manifests
  expect(placed?.manifest.spec).toMatchObject({ country: 'NO' })
})

test('a file whose aliases multiply it is rejected', () => {
  const bomb = `a: &a [${'x,'.repeat(10)}]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]\n`
  expect(problemsOf(bomb)).toEqual(['fleet.yaml:1: Excessive alias count indicates a resource exhaustion attack'])
})

test('an alias without an anchor is reported with its line', () => {
  expect(problemsOf(site('a').replace('edge', '*nothing'))).toEqual([
    'fleet.yaml:1: Unresolved alias (the anchor must be set before the alias): nothing',
  ])
})

test('an empty file describes nothing', () => {
  expect(parseManifests('fleet.yaml', '')).toEqual({ manifests: [], problems: [] })
  expect(parseManifests('fleet.yaml', '---\n# nothing\n')).toEqual({ manifests: [], problems: [] })
})

test.each([
  ['3', '3'],
  ['"3"', '3'],
  ['latest', 'latest'],
  ['"@best"', '@best'],
])('the version %s is read as %s', (written, version) => {
  const text = `apiVersion: skerry/v1\nkind: Deployment\nmetadata: { name: a }\nspec: { deployable: a, version: ${written} }\n`
  expect(parseManifests('fleet.yaml', text)).toMatchObject({
    problems: [],
    manifests: [{ manifest: { spec: { version } } }],
  })
})

test('a version may be left out, and a mistake inside a wave is named with its line', () => {
  const text = `apiVersion: skerry/v1
kind: Deployment
metadata: { name: a }
spec:
  deployable: a
  strategy:
    waves:
      - limit: 1
      - soakSecond: 4
`
  expect(problemsOf(text)).toEqual([
    'fleet.yaml:9: spec.strategy.waves.1.soakSecond is not a field here; did you mean soakSeconds?',
  ])
  const [placed] = parseManifests('a.yaml', text.replace('soakSecond:', 'soakSeconds:')).manifests
  expect(placed?.manifest.spec).toMatchObject({ version: 'latest' })
})
