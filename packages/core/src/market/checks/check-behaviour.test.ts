import { Listing } from '@skerry/contract/market/listing'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { certificateOf, compareCertificates, joinCertificates, levelReached } from '../certify-listing.ts'
import { draftInstall } from '../install-steps.ts'
import { checkBehaviour, type Rehearsal, type Rehearsed } from './check-behaviour.ts'
import type { TriedNeighbours } from './check-neighbours.ts'
import type { RehearsedApps } from './container-facts.ts'
import { planRehearsal } from './rehearsal-plan.ts'

const hash = (letter: string) => Digest.parse(`sha256:${letter.repeat(64)}`)
const file = (letter: string) => ({ digest: hash(letter), sizeBytes: 1 })

const SIMULATOR = {
  protocol: 'simulator',
  connection: { seed: 1 },
  groups: [{ name: 'all', everyMs: 1_000, tags: [{ name: 'level', signal: { kind: 'constant', value: 1 } }] }],
}
const FLOW = {
  inputs: [{ name: 'level', source: 'watch-tank', tag: 'level' }],
  sinks: [{ name: 'alarm', kind: 'hub', from: 'level' }],
}
const DOCUMENTS = new Map<Digest, unknown>([
  [hash('a'), SIMULATOR],
  [hash('b'), FLOW],
  [hash('c'), { protocol: 'opcua', connection: { endpoint: 'opc.tcp://plc:4840' }, groups: [] }],
  [hash('d'), { ...SIMULATOR, connection: { recording: { path: '/etc/passwd', time: 't' } } }],
])
const documentOf = (digest: Digest) => DOCUMENTS.get(digest)

const listed = (changes: object = {}) =>
  Listing.parse({
    v: 1,
    name: 'watch',
    version: '1.0.0',
    title: 'Watch',
    summary: 'Watches a level',
    description: '',
    categories: ['maintenance'],
    licence: 'MIT',
    publisher: 'Us',
    needs: { memoryBytes: 64 * 1_048_576 },
    permissions: [{ access: 'read-tag', target: 'watch-tank/level', purpose: 'reads the level of the tank' }],
    connections: [{ item: 'tank', connection: 'source', spec: file('a') }],
    versions: [
      { item: 'flow', kind: 'flow', files: [{ path: 'flow.json', ...file('b') }], template: { path: 'flow.json' } },
    ],
    sample: { seconds: 10, results: [{ item: 'flow', sink: 'alarm', atLeast: 5, value: 1 }] },
    ...changes,
  })

const RUN: Rehearsal = {
  samples: 10,
  sinks: [{ item: 'flow', sink: 'alarm', outputs: 6, values: [0, 1] }],
  digest: 'f'.repeat(64),
  read: ['watch-tank/level'],
  written: [],
  models: [],
  memoryBytes: 20 * 1_048_576,
  processorSeconds: 0.1,
  attempts: 0,
}

const NO_APPS: RehearsedApps = { ok: true, apps: [] }
const FIRST: TriedNeighbours = { ok: true, versions: [], findings: [] }

function behaviour(
  run: Partial<Rehearsal>,
  changes: object = {},
  second: Rehearsed = { ok: true, rehearsal: { ...RUN, ...run } },
  apps: RehearsedApps = NO_APPS,
) {
  const listing = listed(changes)
  const choices = { name: 'watch', settings: {}, selector: 'true', scope: 'organisation' }
  const draft = draftInstall(listing, choices, { documentOf, digestOf: () => hash('e') })
  if (!draft.ok) throw new Error(draft.message)
  return checkBehaviour({
    listing,
    draft,
    first: { ok: true, rehearsal: { ...RUN, ...run } },
    second,
    apps,
    neighbours: FIRST,
  })
}

const MODEL = {
  versions: [{ item: 'net', kind: 'model', files: [{ path: 'model.onnx', ...file('b') }] }],
  permissions: [],
}
const APP = { versions: [{ item: 'page', kind: 'app', files: [{ path: 'app.json', ...file('b') }] }], permissions: [] }

test('a listing that behaves as it declares passes all checks, and a repetition with other measurements is no contradiction', () => {
  const claimed = certificateOf(listed(), hash('9'), behaviour({}))
  expect(claimed.statements.map(({ predicate }) => predicate.result)).toEqual(Array(9).fill('PASSED'))
  const repeated = certificateOf(listed(), hash('9'), behaviour({ memoryBytes: 30 * 1_048_576, processorSeconds: 1 }))
  expect(compareCertificates(claimed, repeated)).toEqual([])
  const other = certificateOf(listed(), hash('9'), behaviour({ digest: 'e'.repeat(64) }))
  expect(compareCertificates(claimed, other).map(({ check }) => check)).toEqual(['results'])
})

test.each<[string, Partial<Rehearsal>, object, string]>([
  [
    'shows fewer results',
    { sinks: [{ item: 'flow', sink: 'alarm', outputs: 4, values: [1] }] },
    {},
    'results FAILED: flow/alarm had 4 results in 10 s, and 5 are declared',
  ],
  [
    'never raises the alarm',
    { sinks: [{ item: 'flow', sink: 'alarm', outputs: 6, values: [0, 0.5] }] },
    {},
    'results FAILED: flow/alarm never had the declared value 1: it had 0, 0.5',
  ],
  [
    'declares no results',
    {},
    { sample: undefined },
    'results FAILED: it declares no result of its sample data: give "sample" in listing.yaml',
  ],
  [
    'writes a tag',
    { written: ['watch-plc/pump'] },
    {},
    'tags FAILED: the run used "write-tag watch-plc/pump", and the listing does not ask for it',
  ],
  [
    'asks for a tag in vain',
    { read: [] },
    {},
    'tags WARNED: it asks for "read-tag watch-tank/level", and the run did not use it',
  ],
  [
    'needs more memory',
    { memoryBytes: 65 * 1_048_576 },
    {},
    'memory FAILED: the run took 65 MiB, and 64 MiB are declared',
  ],
  ['declares no memory', {}, { needs: {} }, 'memory FAILED: it declares no needs.memoryBytes, and the run took 20 MiB'],
  [
    'needs more processors',
    { processorSeconds: 25 },
    {},
    "processor FAILED: the run used 2.5 processors of the sample's time, and 1 are declared",
  ],
  ['calls out', { attempts: 3 }, {}, 'offline FAILED: the run tried 3 times to reach a network'],
  ['has a model without golden cases', {}, MODEL, 'golden FAILED: the model net has no golden cases'],
  [
    'has a model without golden outputs',
    { models: [{ item: 'net', cases: 2, compared: 0 }] },
    MODEL,
    'golden FAILED: the golden cases of net have no outputs, so nobody can compare its answers',
  ],
  [
    'has a model with other outputs',
    { models: [{ item: 'net', cases: 2, compared: 2, message: 'output y is 2' }] },
    MODEL,
    'golden FAILED: net: output y is 2',
  ],
])('a listing that %s is found by its measured fact', (_, run, changes, message) => {
  const found = behaviour(run, changes).flatMap(({ check, result, findings }) =>
    findings.map((finding) => `${check} ${result}: ${finding}`),
  )
  expect(found).toContain(message)
})

test('other results after a kill, and a run that does not end well, fail', () => {
  const other = { ok: true, rehearsal: { ...RUN, digest: '0'.repeat(64) } } as const
  expect(behaviour({}, {}, other).find(({ check }) => check === 'restart')?.result).toBe('FAILED')
  const lost = behaviour({}, {}, { ok: false, message: 'the run ended with code 1' })
  expect(lost.find(({ check }) => check === 'restart')?.findings).toEqual(['after a kill, the run ended with code 1'])
})

test('containers add to the memory and the processors of the listing, and have to survive a kill', () => {
  const app = { item: 'page', app: { v: 1 as const, services: {} }, ports: [], attempts: 0, written: [], processes: 1 }
  const heavy = { ...app, memoryBytes: 50 * 1_048_576, processors: 1.5, restartTrouble: 'web ended with exit code 1' }
  const checks = behaviour({}, {}, undefined, { ok: true, apps: [heavy] })
  expect(checks.flatMap(({ findings }) => findings)).toEqual([
    'the run took 70 MiB, and 64 MiB are declared',
    'the containers used 1.5 processors, and 1 are declared',
    'after a kill, page: web ended with exit code 1',
  ])
})

test('a check that was not run gives no level, and is no contradiction on another machine', () => {
  const form = certificateOf(listed(), hash('9'), [{ check: 'form', result: 'PASSED', facts: {}, findings: [] }])
  const join = (changes: object, run: Partial<Rehearsal> = {}) =>
    joinCertificates(form, certificateOf(listed(), hash('9'), behaviour(run, changes)))
  const { attempts: _, ...RUN_WITHOUT } = RUN
  expect([levelReached(form), join({}).level]).toEqual([1, 2])
  const noEngine = behaviour({}, {}, undefined, { ok: false, reason: 'no engine answers' })
  expect(joinCertificates(form, certificateOf(listed(), hash('9'), noEngine)).level).toBe(1)
  const elsewhere = certificateOf(listed(), hash('9'), checksWithout(RUN_WITHOUT))
  expect(levelReached(joinCertificates(form, elsewhere))).toBe(1)
  expect(compareCertificates(join({}), elsewhere)).toEqual([])
})

function checksWithout(rehearsal: Rehearsal) {
  const listing = listed()
  const choices = { name: 'watch', settings: {}, selector: 'true', scope: 'organisation' }
  const draft = draftInstall(listing, choices, { documentOf, digestOf: () => hash('e') })
  if (!draft.ok) throw new Error(draft.message)
  const run = { ok: true, rehearsal } as const
  return checkBehaviour({ listing, draft, first: run, second: run, apps: NO_APPS, neighbours: FIRST })
}

test.each<[string, object, object]>([
  ['a simulator', {}, { ok: true }],
  ['a real source', { connections: [{ item: 'tank', connection: 'source', spec: file('c') }] }, { ok: false }],
  ['a file of the device', { connections: [{ item: 'tank', connection: 'source', spec: file('d') }] }, { ok: false }],
  ['nothing that runs', APP, { ok: false, message: 'it has no flow, no model and no app, so nothing can be run' }],
])('a listing with %s is planned, or says why it cannot be run', (_, changes, expected) => {
  const listing = listed(changes)
  const choices = { name: 'watch', settings: {}, selector: 'true', scope: 'organisation' }
  const draft = draftInstall(listing, choices, { documentOf, digestOf: () => hash('b') })
  if (!draft.ok) throw new Error(draft.message)
  expect(planRehearsal(listing, draft, documentOf)).toMatchObject(expected)
})

test('a simulator of the sample takes the place of a real source', () => {
  const connections = [{ item: 'tank', connection: 'source', spec: file('c') }]
  const sample = {
    seconds: 10,
    results: [{ item: 'flow', sink: 'alarm' }],
    sources: [{ item: 'tank', spec: file('a') }],
  }
  const listing = listed({ connections, sample })
  const choices = { name: 'watch', settings: {}, selector: 'true', scope: 'organisation' }
  const draft = draftInstall(listing, choices, { documentOf, digestOf: () => hash('b') })
  if (!draft.ok) throw new Error(draft.message)
  const planned = planRehearsal(listing, draft, documentOf)
  expect(planned.ok && planned.plan.sources.map(({ name, protocol }) => `${name} ${protocol}`)).toEqual([
    'watch-tank simulator',
  ])
})
