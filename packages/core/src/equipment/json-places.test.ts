import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { JsonPath } from '@skerry/contract/values/json-path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { browseJson } from './json-places.ts'
import { jsonReader } from './json-value.ts'

const DOCUMENT = {
  motor: { speed: 14.5, 'oil level': 3, on: true },
  values: [1, 2],
  parts: [{ name: 'a' }],
  note: null,
  '"': 1,
  '': 2,
}

test('a level lists its entries, and a list of values is both a tag and a folder', () => {
  expect(browseJson(DOCUMENT, '')).toEqual([
    { path: 'motor', label: 'motor', isFolder: true },
    { path: 'values', label: 'values', isFolder: true, tag: { path: 'values' } },
    { path: 'parts', label: 'parts', isFolder: true },
    { path: 'note', label: 'note = null', isFolder: false },
    { path: String.raw`["\""]`, label: '" = 1', isFolder: false },
    { path: '[""]', label: ' = 2', isFolder: false },
  ])
  expect(browseJson(DOCUMENT, 'motor').map(({ label }) => label)).toEqual([
    'motor.speed = 14.5',
    'motor["oil level"] = 3',
    'motor.on = true',
  ])
  expect(browseJson(DOCUMENT, 'parts[0]')).toMatchObject([{ tag: { path: 'parts[0].name' } }])
})

test('a document with a single value is a tag, and an unknown path has no entries', () => {
  expect(browseJson(21.5, '')).toEqual([{ path: '', label: ' = 21.5', isFolder: false, tag: {} }])
  for (const path of ['nothing', 'motor.speed', 'motor.toString', '__proto__', ']['])
    expect(browseJson(DOCUMENT, path)).toEqual([])
})

test('long texts are cut, and a key that no path can name is no tag', () => {
  const long = 'x'.repeat(600)
  expect(browseJson({ [long]: 1, text: long }, '')).toMatchObject([
    { isFolder: false },
    { label: expect.stringMatching(/^text = "x{56}$/) },
  ])
  expect(browseJson({ [long]: 1 }, '')[0]).not.toHaveProperty('tag')
  const many = Array.from({ length: 10_001 }, (_, index) => ({ index }))
  expect(browseJson(many, '')).toHaveLength(10_000)
})

/** All entries, level by level. */
function walk(document: unknown, path = ''): BrowseEntry[] {
  return browseJson(document, path).flatMap((entry) => [entry, ...(entry.isFolder ? walk(document, entry.path) : [])])
}

test('for any document, each listed tag has a valid path that reads its value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (document) => {
      const entries = walk(document)
      expect(new Set(entries.map(({ path }) => path)).size).toBe(entries.length)
      for (const { tag } of entries) {
        if (!tag) continue
        const found = JsonPath.optional().parse(tag.path)
        expect(jsonReader({ path: found })(document)).toMatchObject({ ok: true })
      }
    }),
  )
})

test('a name without a path is told from one that looks like it', () => {
  const entries = browseJson({ '/': 0, '': null, '[""]': 1 }, '')
  expect(new Set(entries.map(({ path }) => path)).size).toBe(3)
  expect(entries.filter(({ tag }) => tag).map(({ path }) => path)).toEqual(['/'])
})
