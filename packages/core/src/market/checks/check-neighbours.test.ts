import { createHash } from 'node:crypto'
import { Listing } from '@skerry/contract/market/listing'
import { Digest } from '@skerry/contract/values/digest'
import { expect, test } from 'vitest'
import { judgeNeighbours, type ListedFiles, neighboursOf, planNeighbour } from './check-neighbours.ts'

const digestOf = (text: string) => Digest.parse(`sha256:${createHash('sha256').update(text).digest('hex')}`)

const sourceWith = (...tags: string[]) => ({
  protocol: 'simulator',
  connection: { seed: 1 },
  groups: [
    {
      name: 'all',
      everyMs: 1_000,
      tags: tags.map((name) => ({ name, signal: { kind: 'constant', value: 1 } })),
    },
  ],
})
const flowOn = (tag: string) => ({
  inputs: [{ name: 'level', source: '{{ name.tank }}', tag }],
  steps: [{ name: 'high', kind: 'threshold', from: 'level', above: '{{ limit }}' }],
  sinks: [{ name: 'alarm', kind: 'hub', from: 'high' }],
})
const LIMIT = { limit: { type: 'number', default: 8 } }

function listed(version: string, source: object, flow: object, properties: object = LIMIT): ListedFiles {
  const documents = new Map<Digest, unknown>()
  const blob = (document: object) => {
    const text = JSON.stringify(document)
    documents.set(digestOf(text), document)
    return { digest: digestOf(text), sizeBytes: text.length }
  }
  const places = ['/inputs/0/source', '/steps/0/above']
  const listing = Listing.parse({
    v: 1,
    name: 'watch',
    version,
    title: 'Watch',
    summary: 'Watches a level',
    description: '',
    categories: ['maintenance'],
    licence: 'MIT',
    publisher: 'Us',
    settings: { type: 'object', properties },
    connections: [{ item: 'tank', connection: 'source', spec: blob(source) }],
    versions: [
      {
        item: 'flow',
        kind: 'flow',
        files: [{ path: 'flow.json', ...blob(flow) }],
        template: { path: 'flow.json', places },
      },
    ],
    sample: { seconds: 10, results: [{ item: 'flow', sink: 'alarm' }] },
  })
  return { listing, documentOf: (digest) => documents.get(digest) }
}

const before = listed('1.0.0', sourceWith('level'), flowOn('level'))
const plan = (after: ListedFiles, settings: Record<string, number> = {}) =>
  planNeighbour(before, after, { settings, digestOf })

test('an upgrade and a rollback are runs of the new flow with the settings of before, and of the old flow beside the new source', () => {
  const after = listed('1.1.0', sourceWith('level', 'inlet'), flowOn('inlet'))
  const { findings, runs } = plan(after, { limit: 3 })
  expect(findings).toEqual([])
  expect(runs.map(({ words }) => words)).toEqual(['with the settings of 1.0.0', 'after a rollback to 1.0.0'])
  const [upgrade, rollback] = runs.map((run) => run.plan.flows[0]?.flow)
  expect([upgrade?.inputs[0]?.tag, rollback?.inputs[0]?.tag]).toEqual(['inlet', 'level'])
  expect(upgrade?.steps[0]).toMatchObject({ above: 3 })
  expect(runs[1]?.plan.sources[0]?.groups[0]?.tags.map(({ name }) => name)).toEqual(['level', 'inlet'])
})

test.each<[string, ListedFiles, string]>([
  [
    'a renamed tag breaks the rollback',
    listed('1.1.0', sourceWith('inlet'), flowOn('inlet')),
    'after a rollback, flow of 1.0.0 has no tag watch-tank/level',
  ],
  [
    'a setting that is gone refuses the upgrade',
    listed('1.1.0', sourceWith('level'), flowOn('level'), { high: { type: 'number', default: 8 } }),
    'an upgrade from 1.0.0 is refused: the setting limit is no setting of the app; it has high',
  ],
  [
    'a narrower setting refuses the upgrade',
    listed('1.1.0', sourceWith('level'), flowOn('level'), { limit: { type: 'number', default: 8, maximum: 8 } }),
    'an upgrade from 1.0.0 is refused: the setting limit must be at most 8',
  ],
])('%s', (_, after, finding) => {
  expect(plan(after, { limit: 9 }).findings).toEqual([finding])
})

test('the neighbours are the versions that the upgrade graph names', () => {
  expect(neighboursOf({ replaces: '1.1.0', skips: ['1.0.0', '1.1.0'] })).toEqual(['1.1.0', '1.0.0'])
  expect(judgeNeighbours({ ok: true, versions: ['1.1.0', '1.0.0'], findings: [] }).facts).toEqual({
    neighbours: '1.1.0, 1.0.0',
  })
  expect(judgeNeighbours({ ok: true, versions: [], findings: [] }).facts).toEqual({ neighbours: 'none' })
  expect(judgeNeighbours({ ok: false, reason: 'no catalogue' }).result).toBe('WARNED')
})
