import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { expect, test } from 'vitest'
import { type BrowseRow, browseKey, browseRows, ENTRIES_HELD_MAX, grown, type Level, ROOT } from './browse-rows.ts'

const folder = (path: string): BrowseEntry => ({ path, label: path, isFolder: true })
const tag = (path: string): BrowseEntry => ({ path, label: path, isFolder: false, tag: { address: path } })
const level = (path: string, entries: BrowseEntry[], more: Partial<Level> = {}): Level => ({
  path,
  entries,
  omittedCount: 0,
  next: undefined,
  state: 'ready',
  ...more,
})
const labels = {
  waiting: 'waiting',
  empty: 'empty',
  full: 'full',
  more: (count: number) => `${count} more`,
  failed: ({ message }: { message: string }) => message,
}

const line = folder('line')
const lineKey = browseKey(ROOT, line)
const LEVELS = new Map([
  [ROOT, level('', [line, folder('server'), tag('uptime')])],
  [lineKey, level('line', [tag('speed'), tag('load')], { next: 'load', omittedCount: 7 })],
])
const shown = (rows: readonly BrowseRow[]) =>
  rows.map(({ node, level: depth, position, siblings }) => `${depth} ${node.label} ${position}/${siblings}`)

test('a level is listed below its folder, with the remaining count at its end', () => {
  const rows = browseRows({ levels: LEVELS, isOpen: (key) => key === lineKey, labels })
  expect(shown(rows)).toEqual([
    '1 line 1/3',
    '2 speed 1/3',
    '2 load 2/3',
    '2 7 more 3/3',
    '1 server 2/3',
    '1 uptime 3/3',
  ])
  expect(rows.map(({ isOpen }) => isOpen)).toEqual([true, undefined, undefined, undefined, false, undefined])
})

test('a search shows matches with their parent folders, even if these are closed', () => {
  const rows = browseRows({ levels: LEVELS, isOpen: () => false, fits: ({ label }) => label === 'load', labels })
  expect(shown(rows)).toEqual(['1 line 1/1', '2 load 1/2', '2 7 more 2/2'])
  // An entry that was not fetched yet may match.
  expect(shown(browseRows({ levels: LEVELS, isOpen: () => true, fits: () => false, labels }))).toEqual([
    '1 line 1/1',
    '2 7 more 1/1',
  ])
})

test('a loading, failed or empty level shows its state in place', () => {
  const problem = { code: 'device_unreachable', message: 'away', status: 409 }
  const labelOf = (state: Level['state']) =>
    browseRows({ levels: new Map([[ROOT, level('', [], { state })]]), isOpen: () => false, labels })[0]?.node.label
  expect([labelOf('waiting'), labelOf({ failed: problem }), labelOf('ready')]).toEqual(['waiting', 'away', 'empty'])
})

test('pages of a level are appended, and the last row shows when the limit is reached', () => {
  const part = (count: number) => ({
    path: '',
    omittedCount: 1,
    next: 'x',
    entries: Array.from({ length: count }, (_, index) => tag(`t${index}`)),
  })
  const half = grown(undefined, part(ENTRIES_HELD_MAX / 2))
  const last = (all: Level) => browseRows({ levels: new Map([[ROOT, all]]), isOpen: () => false, labels }).at(-1)
  expect(last(half)?.node.kind).toBe('more')
  expect(last(grown(half, part(ENTRIES_HELD_MAX / 2)))?.node.kind).toBe('full')
})

test('a folder that contains itself has a row for each path', () => {
  const again = browseKey(lineKey, line)
  const levels = new Map([
    [ROOT, level('', [line])],
    [lineKey, level('line', [line])],
  ])
  const rows = browseRows({ levels, isOpen: (key) => key === lineKey, labels })
  expect(rows.map(({ node }) => node.key)).toEqual([lineKey, again])
})
