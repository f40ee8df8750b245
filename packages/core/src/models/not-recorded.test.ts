import { expect, test } from 'vitest'
import { findNotRecorded, type Given, type Recorded } from './not-recorded.ts'

const given: Given = { labels: {}, lineage: undefined, aliases: [], signers: [] }
const recorded: Recorded = {
  version: 3,
  labels: { run: '1' },
  lineage: { parents: [{ name: 'base', version: 2 }], tool: 'pytorch 2.6', source: { uri: 'https://git.example/x' } },
  aliases: new Map([
    ['champion', 3],
    ['stable', 2],
  ]),
  signers: new Set(['a1']),
}

test('a push with the records of the version, or with fewer, has nothing to report', () => {
  expect(findNotRecorded(given, recorded)).toEqual([])
  const same: Given = {
    labels: { run: '1' },
    lineage: { parents: [{ name: 'base', version: '2' }], tool: 'pytorch 2.6' },
    aliases: ['champion'],
    signers: ['a1'],
  }
  expect(findNotRecorded(same, recorded)).toEqual([])
})

test('a parent by alias or latest counts as recorded if its model is a parent, because both move', () => {
  for (const version of ['latest', '@best']) {
    expect(findNotRecorded({ ...given, lineage: { parents: [{ name: 'base', version }] } }, recorded)).toEqual([])
  }
  const other = { parents: [{ name: 'other', version: '@best' }] }
  expect(findNotRecorded({ ...given, lineage: other }, recorded)).toEqual([
    { part: 'lineage', name: 'parent', given: 'other@best', recorded: 'base:2' },
  ])
})

test('other labels, lineage, aliases and signatures are reported with both values', () => {
  const other: Given = {
    labels: { run: '2', team: 'vision' },
    lineage: {
      parents: [{ name: 'base', version: '1' }],
      tool: 'jax 0.7',
      source: { uri: 'https://git.example/x', commit: 'c0ffee' },
    },
    aliases: ['stable', 'new'],
    signers: ['b2'],
  }
  expect(findNotRecorded(other, recorded)).toEqual([
    { part: 'label', name: 'run', given: '2', recorded: '1' },
    { part: 'label', name: 'team', given: 'vision' },
    { part: 'lineage', name: 'parent', given: 'base:1', recorded: 'base:2' },
    { part: 'lineage', name: 'commit', given: 'c0ffee' },
    { part: 'lineage', name: 'tool', given: 'jax 0.7', recorded: 'pytorch 2.6' },
    { part: 'alias', name: 'stable', given: '3', recorded: '2' },
    { part: 'alias', name: 'new', given: '3' },
    { part: 'signature', name: 'b2', given: 'b2' },
  ])
})
