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

test('a level is told with what stands there, lists of values as a tag and as a folder', () => {
  expect(browseJson(DOCUMENT, '')).toEqual([
    { path: 'motor', label: 'motor', isFolder: true },
    { path: 'values', label: 'values', isFolder: true, tag: { path: 'values' } },
    { path: 'parts', label: 'parts', isFolder: true },
    { path: 'note', label: 'note = null', isFolder: false },
    { path: '/"', label: '" = 1', isFolder: false },
    { path: '/', label: ' = 2', isFolder: false },
  ])
  expect(browseJson(DOCUMENT, 'motor').map(({ label }) => label)).toEqual([
    'motor.speed = 14.5',
    'motor["oil level"] = 3',
    'motor.on = true',
  ])
  expect(browseJson(DOCUMENT, 'parts[0]')).toMatchObject([{ tag: { path: 'parts[0].name' } }])
})

test('a document that is one value is a tag itself, and where nothing lies nothing is told', () => {
  expect(browseJson(21.5, '')).toEqual([{ path: '', label: ' = 21.5', isFolder: false, tag: {} }])
  for (const path of ['nothing', 'motor.speed', 'motor.toString', '__proto__', ']['])
    expect(browseJson(DOCUMENT, path)).toEqual([])
})

test('what is long is cut, and what no path may name is no tag', () => {
  const long = 'x'.repeat(600)
  expect(browseJson({ [long]: 1, text: long }, '')).toMatchObject([
    { isFolder: false },
    { label: expect.stringMatching(/^text = "x{56}$/) },
  ])
  expect(browseJson({ [long]: 1 }, '')[0]).not.toHaveProperty('tag')
  const many = Array.from({ length: 10_001 }, (_, index) => ({ index }))
  expect(browseJson(many, '')).toHaveLength(10_000)
})

/** All that is told, level by level. */
function walk(document: unknown, path = ''): BrowseEntry[] {
  return browseJson(document, path).flatMap((entry) => [entry, ...(entry.isFolder ? walk(document, entry.path) : [])])
}

test('whatever the document, each tag that is told can be written down and reads what stands there', () => {
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
