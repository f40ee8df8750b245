import { expect, test } from 'vitest'
import { documentsOf, type ImportPart, importParts } from './import-parts.ts'

const advisory = (id: string, details = '') => ({ id, modified: '2026-01-01T00:00:00Z', details })
const statement = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  author: 'Plant',
  timestamp: '2026-01-01T00:00:00Z',
  statements: [{ vulnerability: { name: 'CVE-1' }, products: [{ '@id': 'pkg:generic/pump' }], status: 'fixed' }],
}

async function sorted(...documents: unknown[]): Promise<ImportPart[]> {
  const files = documents.map((document, at) => ({ file: `${at}.json`, document }))
  const parts: ImportPart[] = []
  for await (const part of importParts(files, (message) => new Error(message))) parts.push(part)
  return parts
}

test('advisories and statements are sorted into one part', async () => {
  const [part, ...more] = await sorted(
    ...documentsOf([advisory('CVE-1'), statement]),
    ...documentsOf(advisory('CVE-2')),
  )
  expect(more).toEqual([])
  expect(part?.advisories.map(({ id }) => id)).toEqual(['CVE-1', 'CVE-2'])
  expect(part?.statements.map(({ author }) => author)).toEqual(['Plant'])
})

test('a part has at most 500 advisories, and about four million characters', async () => {
  const many = await sorted(...Array.from({ length: 501 }, (_, at) => advisory(`CVE-${at}`)))
  expect(many.map(({ advisories }) => advisories.length)).toEqual([500, 1])
  const long = await sorted(...Array.from({ length: 22 }, (_, at) => advisory(`CVE-${at}`, 'x'.repeat(200_000))))
  expect(long.map(({ advisories }) => advisories.length)).toEqual([21, 1])
})

test('a document of another format ends the import, and its file is named', async () => {
  await expect(sorted(advisory('CVE-1'), { name: 'x' })).rejects.toThrow(/^1\.json is neither OSV nor OpenVEX: id /)
})

test('no document is no part', async () => {
  expect(await sorted(...documentsOf([]))).toEqual([])
})
