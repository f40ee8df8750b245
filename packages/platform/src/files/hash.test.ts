import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { nodeFileSystem } from './file-system.ts'
import { createHasher, digestOf, digestOfFile, digestOfStream, hexOf } from './hash.ts'

/** [FIPS 180-2 B.1] */
const ABC = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
const signal = new AbortController().signal

test('gives the digest that the standard gives', () => {
  expect(digestOf('abc')).toBe(ABC)
  expect(digestOf(Buffer.from('abc'))).toBe(ABC)
  expect(hexOf(digestOf('abc'))).toBe(ABC.slice(7))
})

test('hashes piece by piece, and can be asked in between', () => {
  const hasher = createHasher()
  expect(hasher.digest()).toBe(digestOf(''))
  hasher.update(Buffer.from('a'))
  expect(hasher.digest()).toBe(digestOf('a'))
  hasher.update(Buffer.from('bc'))
  expect([hasher.digest(), hasher.digest()]).toEqual([ABC, ABC])
})

test('hashes streams and files, and stops when told to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-hash-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'abc')
  writeFileSync(path, 'abc')
  expect(await digestOfFile(nodeFileSystem, path, signal)).toEqual({ digest: ABC, sizeBytes: 3 })
  await expect(digestOfFile(nodeFileSystem, join(folder, 'no'), signal)).rejects.toThrow('ENOENT')
  async function* chunks() {
    yield Buffer.from('ab')
    yield Buffer.from('c')
  }
  expect(await digestOfStream(chunks(), signal)).toEqual({ digest: ABC, sizeBytes: 3 })
  await expect(digestOfStream(chunks(), AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
})
