/**
 * Faults under the versions of the agent: its process is killed at each call that changes the disk, or the call fails
 * because the disk is full or broken. After each of them every version that the launcher could start is complete, and the
 * next attempt comes to the end.
 *
 * @module-tag deep it starts two processes for each call of three kinds of fault, one of them under strace
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TAR_END, tarEntry } from '@skerry/platform/files/tar-write'
import { describe, expect, test } from 'vitest'
import { readLaunch, versionFolder } from '../../apps/agent/src/launcher/launch-files.ts'

const ROOT = join(import.meta.dirname, '../..')
const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string]

const CODE = { 'dist/main.js': 'main '.repeat(300), 'dist/deep/part.js': 'part' }
const archive = Buffer.concat([
  ...Object.entries(CODE).flatMap(([path, text]) => [...tarEntry({ path, bytes: Buffer.from(text) })]),
  TAR_END,
])
const program = Buffer.from('node '.repeat(200))
const partOf = (path: string, form: string, bytes: Buffer) => ({
  path,
  form,
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  sizeBytes: bytes.length,
})
const TEXT = JSON.stringify({ parts: [partOf('code.tar', 'archive', archive), partOf('node', 'program', program)] })
const WHOLE: Readonly<Record<string, string>> = { ...CODE, node: program.toString(), 'agent.json': TEXT }

/** All changes of the disk in the life of the folders: a version is added, removed, and another one is added. */
const LIFE = `
const { addVersion, removeVersions } = await import(${JSON.stringify(join(ROOT, 'apps/agent/src/kinds/agent/version-folders.ts'))})
const { nodeFileSystem: fileSystem } = await import(${JSON.stringify(join(ROOT, 'packages/platform/src/files/file-system.ts'))})
const [, root] = process.argv
const sources = ['code.tar', 'node'].map((name) => ({ name, path: root + '/blobs/' + name, seal: undefined }))
const text = ${JSON.stringify(TEXT)}
const wish = { fileSystem, sources, manifest: JSON.parse(text), text }
const add = (digest) => addVersion({ root, digest }, wish, new AbortController().signal)
const isAdded = await add(${JSON.stringify(B)})
await removeVersions({ root, fileSystem }, (digest) => digest === ${JSON.stringify(A)})
if (isAdded && (await add(${JSON.stringify(C)}))) process.stdout.write('done')
`

/** Node writes at positions, so \`pwrite64\` counts the bytes of files alone. */
const CALLS = ['mkdir', 'pwrite64', 'syncfs', 'fsync', 'rename', 'unlink', 'rmdir'] as const

const FAULTS = { 'a kill': 'signal=KILL', 'a full disk': 'error=ENOSPC', 'a broken disk': 'error=EIO' }

const CASES = Object.entries(FAULTS).flatMap(([name, fault]) => CALLS.map((call) => [name, call, fault] as const))

/** A life has at most twelve of a call. Far more would mean that the counter never reaches the end. */
const CALLS_MAX = 60

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'skerry-store-faults-'))
  mkdirSync(join(root, 'blobs'))
  writeFileSync(join(root, 'blobs/code.tar'), archive)
  writeFileSync(join(root, 'blobs/node'), program)
  mkdirSync(versionFolder(root, A), { recursive: true })
  writeFileSync(join(versionFolder(root, A), 'agent.json'), 'A')
  symlinkSync(join('versions', A), join(root, 'current'))
  return root
}

/** Strace counts the calls of each thread by itself, so one thread makes all of them. */
const live = (root: string, under: readonly string[] = []) => {
  const [first = '', ...words] = [...under, process.execPath, '--input-type=module', '-e', LIFE, root]
  return spawnSync(first, words, { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' } })
}

/** The calls of a life without a fault. */
function countCalls(): Map<string, number> {
  const root = newRoot()
  try {
    const log = join(root, 'strace.log')
    const words = ['strace', '-f', '-qq', '-o', log, '-e', `trace=${CALLS.join(',')}`]
    const { stdout, stderr } = live(root, words)
    if (stdout !== 'done') throw new Error(`a life without a fault has failed: ${stderr}`)
    const lines = readFileSync(log, 'utf8').split('\n')
    return new Map(CALLS.map((call) => [call, lines.filter((line) => line.includes(` ${call}(`)).length]))
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** Each version that the launcher could start has all of its files. */
function expectNothingTorn(root: string, what: string): void {
  const { versions, current } = readLaunch(root)
  expect(current, what).toBe(A)
  expect(versions, what).toContain(A)
  for (const digest of versions) {
    expect(filesOf(versionFolder(root, digest)), what).toEqual(digest === A ? { 'agent.json': 'A' } : WHOLE)
  }
}

const hasStrace = spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0

describe.skipIf(!hasStrace)('the folders of the versions', () => {
  const counts = hasStrace ? countCalls() : new Map<string, number>()

  test.each(CASES)('%s at each %s leaves no torn version, and the next attempt ends', (_, call, fault) => {
    const calls = counts.get(call) ?? 0
    let spoiled = 0
    for (let when = 1; when <= Math.min(calls, CALLS_MAX); when++) {
      const root = newRoot()
      try {
        const inject = `inject=${call}:${fault}:when=${when}`
        const words = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject]
        const hurt = live(root, words)
        if (hurt.stdout !== 'done') spoiled += 1
        const what = `call ${when}: ${hurt.stderr}`
        expectNothingTorn(root, what)
        const again = live(root)
        expect(again.stdout, `${what}${again.stderr}`).toBe('done')
        expectNothingTorn(root, what)
        expect(readdirSync(join(root, 'versions')).toSorted(), what).toEqual([A, C])
      } finally {
        rmSync(root, { recursive: true, force: true })
      }
    }
    expect(spoiled, 'a life that a fault cut short').toBeGreaterThan(0)
  })

  test('a life has enough calls of the disk that the faults above mean something', () => {
    const enough = { mkdir: 5, pwrite64: 8, syncfs: 2, fsync: 3, rename: 3, unlink: 4, rmdir: 3 }
    for (const [call, least] of Object.entries(enough)) {
      expect([call, counts.get(call)]).toEqual([call, expect.toSatisfy((count: number) => count >= least)])
    }
  })
})
