import type { SiteState } from '@skerry/contract/sites/site'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foundByType, parentOf } from '../../components/tree/tree-keys.ts'
import { GROUPINGS, SITE_SORTS } from '../../search.ts'
import { type Branch, branchesOf, isLeaf, type Leaf, rowsOf } from './site-branches.ts'

const site = (name: string, more: Partial<SiteState> = {}): SiteState => ({
  site: name,
  kind: 'edge',
  clearance: 'internal',
  labels: {},
  devices: {},
  ...more,
})
const sites = [
  site('oslo-2', { country: 'NO', region: 'east', devices: { healthy: 2, failed: 1 } }),
  site('oslo-10', { country: 'NO', region: 'east', devices: { healthy: 9 } }),
  site('bergen', { country: 'NO', region: 'west', devices: { stale: 1 } }),
  site('hamburg', { country: 'DE', kind: 'cloud', devices: { healthy: 1 } }),
  site('nowhere'),
]
const outline = (branches: readonly (Branch | Leaf)[]): unknown[] =>
  branches.map((node) => (isLeaf(node) ? node.label : [node.label, ...outline(node.children)]))
const all = () => true

test('sites stand under their region and country; one without stands where it can', () => {
  expect(outline(branchesOf(sites, 'country', 'name'))).toEqual([
    ['Country not given', 'nowhere'],
    ['Germany', 'hamburg'],
    ['Norway', ['east', 'oslo-2', 'oslo-10'], ['west', 'bergen']],
  ])
  expect(outline(branchesOf(sites, 'kind', 'name'))).toEqual([
    ['Cloud', 'hamburg'],
    ['Edge', ['east, NO', 'oslo-2', 'oslo-10'], ['west, NO', 'bergen'], 'nowhere'],
  ])
})

test('a branch sums up the state of all that is in it', () => {
  const norway = branchesOf(sites, 'country', 'name')[2]
  expect(norway).toMatchObject({ sites: 3, devices: 13, counts: { healthy: 11, failed: 1, stale: 1 } })
})

test('trouble first: one that failed outweighs what is less grave, and then the number counts', () => {
  const places = [
    site('c', { devices: { stale: 50 } }),
    site('b', { devices: { failed: 1 } }),
    site('d', { devices: { healthy: 70 } }),
    site('a', { devices: { failed: 1, degraded: 1 } }),
  ]
  expect(outline(branchesOf(places, 'kind', 'trouble'))).toEqual([['Edge', 'a', 'b', 'c', 'd']])
  expect(outline(branchesOf(places, 'kind', 'devices'))).toEqual([['Edge', 'd', 'c', 'a', 'b']])
})

test('only rows whose branches are open show, each with its place', () => {
  const branches = branchesOf(sites, 'country', 'name')
  expect(rowsOf(branches, () => false).map(({ node }) => node.label)).toEqual([
    'Country not given',
    'Germany',
    'Norway',
  ])
  const rows = rowsOf(branches, ({ key }) => key.startsWith('NO'))
  expect(rows.map(({ node, level, position, siblings }) => [node.label, level, position, siblings])).toEqual([
    ['Country not given', 1, 1, 3],
    ['Germany', 1, 2, 3],
    ['Norway', 1, 3, 3],
    ['east', 2, 1, 2],
    ['oslo-2', 3, 1, 2],
    ['oslo-10', 3, 2, 2],
    ['west', 2, 2, 2],
    ['bergen', 3, 1, 1],
  ])
  expect([parentOf(rows, 5), parentOf(rows, 6), parentOf(rows, 2)]).toEqual([3, 2, undefined])
})

test('typing goes to the next row that begins so, and around; more letters stay where they fit', () => {
  const rows = rowsOf(branchesOf(sites, 'country', 'name'), all)
  const label = (index: number | undefined) => rows[index ?? -1]?.node.label
  const first = foundByType(rows, 0, 'o')
  expect(label(first)).toBe('oslo-2')
  expect(label(foundByType(rows, first ?? 0, 'o'))).toBe('oslo-10')
  expect(label(foundByType(rows, first ?? 0, 'oslo-2'))).toBe('oslo-2')
  expect(label(foundByType(rows, rows.length - 1, 'n'))).toBe('nowhere')
  expect(foundByType(rows, 0, 'x')).toBeUndefined()
})

const name = fc.stringMatching(/^[a-z]{1,6}$/)
const anySite = fc.record({
  site: name,
  clearance: fc.constant('internal' as const),
  labels: fc.constant({}),
  kind: fc.constantFrom('edge', 'onprem', 'cloud'),
  country: fc.option(fc.constantFrom('NO', 'DE'), { nil: undefined }),
  region: fc.option(fc.constantFrom('east', 'west'), { nil: undefined }),
  devices: fc.record(
    { healthy: fc.integer({ min: 1, max: 9 }), failed: fc.integer({ min: 1, max: 9 }) },
    { requiredKeys: [] },
  ),
})

test('however they are grouped and sorted, each site shows once, and no device is lost', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anySite, { selector: (one) => one.site }),
      fc.constantFrom(...GROUPINGS),
      fc.constantFrom(...SITE_SORTS),
      (given, grouping, sort) => {
        const branches = branchesOf(given, grouping, sort)
        const rows = rowsOf(branches, all)
        const leaves = rows.flatMap(({ node }) => (isLeaf(node) ? [node.label] : []))
        expect(leaves.toSorted()).toEqual(given.map((one) => one.site).toSorted())
        expect(new Set(rows.map(({ node }) => node.key)).size).toBe(rows.length)
        const devices = given.flatMap((one) => Object.values(one.devices)).reduce((sum, count) => sum + count, 0)
        expect(branches.reduce((sum, branch) => sum + branch.devices, 0)).toBe(devices)
      },
    ),
  )
})
