import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chunksOf, nodeFileSystem } from './file-system.ts'
import { openTarView } from './tar-view.ts'
import { TAR_END, tarEntry } from './tar-write.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-tar-view-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const CONTENTS = { 'a/one': 700, 'a/empty': 0, 'a/block': 512, two: 300_000, last: 1 }

/** Writes the files, and returns their archive. */
function writeFiles() {
  const entries: Buffer[] = []
  const files = Object.entries(CONTENTS).map(([path, sizeBytes]) => {
    const bytes = randomBytes(sizeBytes)
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes)
    entries.push(...tarEntry({ path, bytes }))
    return { path, sizeBytes }
  })
  return { files, archive: Buffer.concat([...entries, TAR_END]) }
}

async function allOf(file: Parameters<typeof chunksOf>[0]): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of chunksOf(file)) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}

test('the view has the bytes of the archive, from any position and of any length', async () => {
  const { files, archive } = writeFiles()
  await using view = openTarView({ folder, fileSystem: nodeFileSystem }, files)
  expect((await allOf(view)).equals(archive)).toBe(true)
  const places = fc.tuple(fc.nat(archive.length + 600), fc.integer({ min: 1, max: 20_000 }))
  await fc.assert(
    fc.asyncProperty(places, async ([at, length]) => {
      const buffer = Buffer.alloc(length)
      const read = await view.read(buffer, at)
      expect(buffer.subarray(0, read).equals(archive.subarray(at, at + length))).toBe(true)
    }),
  )
})

test.each([
  ['is gone', (path: string) => rmSync(path)],
  ['is shorter', (path: string) => truncateSync(path, 100_000)],
])('the view ends early at a file that %s', async (_, damage) => {
  const { files, archive } = writeFiles()
  damage(join(folder, 'two'))
  await using view = openTarView({ folder, fileSystem: nodeFileSystem }, files)
  const bytes = await allOf(view)
  expect(bytes.length).toBeLessThan(archive.length - 100_000)
  expect(bytes.equals(archive.subarray(0, bytes.length))).toBe(true)
})
