import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { AgentPackage } from '@skerry/contract/agents/agent-package'
import type { Digest } from '@skerry/contract/values/digest'
import { watchChunks } from '@skerry/platform/chunks/chunk-index'
import { findInSeeds } from '@skerry/platform/chunks/find-seeds'
import { chunksOf, nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf, digestOfHex } from '@skerry/platform/files/hash'
import { TAR_END, tarEntry } from '@skerry/platform/files/tar-write'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { commitVersion, versionFolder } from '../../launcher/launch-files.ts'
import { installedSeed } from './installed-archive.ts'

const VERSION = 'a'.repeat(64)
const { signal } = new AbortController()

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skerry-installed-'))
})
afterEach(() => rmSync(root, { recursive: true }))

/** In the order of a package: module after module, and a module in a module is one of its own. */
const MODULES = [
  'node_modules/@fastify/cors/index.js',
  'node_modules/zod/index.js',
  'node_modules/zod/v4/core.js',
  'node_modules/zod-more/index.js',
  'node_modules/zod/node_modules/ansi/index.js',
].map((path) => ({ path, bytes: randomBytes(path.length * 500) }))

const archiveOf = (files: readonly { path: string; bytes: Uint8Array }[]) =>
  Buffer.concat([...files.flatMap(tarEntry), TAR_END])

const archive = archiveOf(MODULES)
const node = randomBytes(2_000)

function put(path: string, bytes: Uint8Array | string): void {
  const whole = join(versionFolder(root, VERSION), path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, bytes)
}

function install(): void {
  const manifest: AgentPackage = {
    v: 1,
    version: '1.0.0',
    architectures: ['x64'],
    node: { version: '24.0.0', path: 'node' },
    entry: 'main.js',
    launcher: 'main.js',
    parts: [
      { path: 'parts/modules.tar', digest: digestOf(archive), sizeBytes: archive.length, form: 'archive' },
      { path: 'node', digest: digestOf(node), sizeBytes: node.length, form: 'program' },
    ],
  }
  for (const { path, bytes } of MODULES.toReversed()) put(path, bytes)
  put('node', node)
  put('agent.json', JSON.stringify(manifest))
  commitVersion(root, VERSION)
}

const seedWith = (has: (digest: Digest) => boolean, kind: 'agent' | 'model' = 'agent') =>
  installedSeed({ root, fileSystem: nodeFileSystem, has: async (digest) => has(digest) }, kind)

test('the unpacked files are the archive again, without Node and the manifest', async () => {
  install()
  const seed = await seedWith(() => false)
  expect(seed?.digest).toBe(digestOfHex(VERSION))
  await using file = await seed?.open()
  const pieces: Buffer[] = []
  if (file) for await (const piece of chunksOf(file)) pieces.push(Buffer.from(piece))
  expect(Buffer.concat(pieces).equals(archive)).toBe(true)
})

test('a changed module costs its own chunks', async () => {
  install()
  const next = archiveOf(MODULES.map((file, at) => (at === 2 ? { ...file, bytes: randomBytes(9_000) } : file)))
  const wanted = new Map<string, number>()
  const cutter = watchChunks({ chunk: ({ id, length }) => void wanted.set(id, length) })
  cutter.push(next)
  cutter.end()
  const seed = await seedWith(() => false)
  const found = await findInSeeds(seed ? [seed] : [], 'chunk', new Set(wanted.keys()), signal)
  const missing = [...wanted].reduce((sum, [id, length]) => sum + (found.has(id) ? 0 : length), 0)
  expect(missing).toBeGreaterThan(9_000)
  // The chunks at both ends of the module have bytes of its neighbours.
  expect(missing).toBeLessThan(9_000 + 2 * 8_192)
})

test('a device with the archives themselves needs no unpacked files, and neither does a model', async () => {
  install()
  expect(await seedWith(() => false, 'model')).toBeUndefined()
  expect(await seedWith((digest) => digest === digestOf(archive))).toBeUndefined()
})

test('a device without a version, or with one that it cannot read, fetches all', async () => {
  expect(await seedWith(() => false)).toBeUndefined()
  install()
  put('agent.json', '{"v":2}')
  expect(await seedWith(() => false)).toBeUndefined()
})
