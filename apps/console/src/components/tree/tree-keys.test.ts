import type { SiteState } from '@skerry/contract/sites/site'
import { expect, test } from 'vitest'
import { branchesOf, rowsOf } from '../../pages/sites/site-branches.ts'
import { treeMove } from './tree-keys.ts'

const site = (name: string, country: string, region?: string): SiteState => ({
  site: name,
  kind: 'edge',
  clearance: 'internal',
  labels: {},
  devices: {},
  country,
  ...(region !== undefined && { region }),
})
const sites = [site('oslo', 'NO', 'east'), site('bergen', 'NO', 'west'), site('kiel', 'DE')]
const branches = branchesOf(sites, 'country', 'name')
// 0 Germany, 1 kiel, 2 Norway, 3 east, 4 oslo, 5 west (closed)
const rows = rowsOf(branches, ({ key }) => key !== 'NO/west')

test.each([
  ['ArrowDown', 0, { kind: 'go', to: 1 }],
  ['ArrowDown', 5, { kind: 'stay' }],
  ['ArrowUp', 0, { kind: 'stay' }],
  ['ArrowUp', 3, { kind: 'go', to: 2 }],
  ['ArrowRight', 5, { kind: 'toggle', keys: ['NO/west'], isOpen: true }],
  ['ArrowRight', 2, { kind: 'go', to: 3 }],
  ['ArrowRight', 4, { kind: 'stay' }],
  ['ArrowLeft', 3, { kind: 'toggle', keys: ['NO/east'], isOpen: false }],
  ['ArrowLeft', 4, { kind: 'go', to: 3 }],
  ['ArrowLeft', 5, { kind: 'go', to: 2 }],
  ['Home', 4, { kind: 'go', to: 0 }],
  ['End', 0, { kind: 'go', to: 5 }],
  ['Enter', 4, { kind: 'use' }],
  [' ', 2, { kind: 'use' }],
  ['*', 5, { kind: 'toggle', keys: ['NO/east', 'NO/west'], isOpen: true }],
  ['*', 0, { kind: 'toggle', keys: ['DE', 'NO'], isOpen: true }],
  ['Tab', 0, undefined],
  ['x', 0, undefined],
] as const)('%s on row %i', (key, active, move) => {
  expect(treeMove(key, rows, active)).toEqual(move)
})

test('a closed branch at the top has nowhere to go to the left, and an empty tree knows no key', () => {
  const closed = rowsOf(branches, () => false)
  expect(treeMove('ArrowLeft', closed, 1)).toEqual({ kind: 'go', to: 1 })
  expect(treeMove('ArrowDown', [], 0)).toBeUndefined()
})
