import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Duplex, duplexPair } from 'node:stream'
import { frameReader, writeFrame } from '@skerry/contract/access/shell-frame'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fileTarget } from './file-target.ts'

let root: string
let folder: string
let own: string
const signal = new AbortController().signal

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'skerry-file-'))
  folder = join(root, 'logs')
  own = join(folder, 'agent')
  await mkdir(own, { recursive: true })
  await mkdir(join(root, 'secret'))
  await writeFile(join(root, 'secret', 'key'), 'secret')
  await writeFile(join(own, 'device.key'), 'secret')
  await writeFile(join(folder, 'a.log'), 'x'.repeat(600_000))
  await symlink(join(root, 'secret', 'key'), join(folder, 'link'))
  await symlink(join(root, 'secret'), join(folder, 'out'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function transfer(path: string, content?: string) {
  const direction = content === undefined ? 'read' : 'write'
  const prepared = await fileTarget({ kind: 'file', path, direction }, { folder, own })
  if (!prepared.ok) return prepared
  const [near, far] = duplexPair() as [Duplex, Duplex]
  const read = frameReader()
  const heard = { output: '', errors: '', exit: undefined as number | undefined }
  near.on('data', (piece: Buffer) => {
    for (const { kind, content: bytes } of read(piece)) {
      if (kind === 'output' || kind === 'errors') heard[kind] += Buffer.from(bytes).toString()
      if (kind === 'exit') heard.exit = bytes[0]
    }
  })
  const run = prepared.target.run(far, signal)
  if (content !== undefined) {
    near.write(writeFrame('input', Buffer.from(content)))
    near.write(writeFrame('end'))
  }
  await run
  prepared.target[Symbol.dispose]()
  return heard
}

test('a file below the folder is read and written as a whole', async () => {
  expect(await transfer(join(folder, 'a.log'))).toEqual({ output: 'x'.repeat(600_000), errors: '', exit: 0 })
  expect(await transfer(join(folder, 'new.txt'), 'hello')).toMatchObject({ exit: 0 })
  expect(await readFile(join(folder, 'new.txt'), 'utf8')).toBe('hello')
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
})

test('links do not lead out, and the keys of the device are out of reach', async () => {
  expect(await transfer(join(folder, 'link'))).toMatchObject({ ok: false, code: 'stream_refused' })
  expect(await transfer(join(folder, 'out', 'key'))).toMatchObject({ ok: false, code: 'access_refused' })
  expect(await transfer(join(folder, 'out', 'new'), 'x')).toMatchObject({ ok: false, code: 'access_refused' })
  expect(await transfer(join(own, 'device.key'))).toMatchObject({ ok: false, code: 'access_refused' })
  expect(await transfer(join(own, 'device.key'), 'mine')).toMatchObject({ ok: false, code: 'access_refused' })
  expect(await readdir(join(root, 'secret'))).toEqual(['key'])
})

test('a folder that somebody swaps for a link all the time leads nowhere else', async () => {
  const race = join(folder, 'race')
  const [real, link] = [join(root, 'real'), join(root, 'lure')]
  await mkdir(real)
  await writeFile(join(real, 'key'), 'harmless')
  await symlink(join(root, 'secret'), link)
  await rename(real, race)
  let isOver = false
  const swapping = (async () => {
    while (!isOver) {
      await rename(race, real)
      await rename(link, race)
      await rename(race, link)
      await rename(real, race)
    }
  })()
  const answers: string[] = []
  // Until both sides of the race have been met, and some more.
  while (answers.length < 100 || !answers.includes('harmless') || !answers.some((each) => each.includes('refused'))) {
    const answer = await transfer(join(race, 'key'))
    answers.push('output' in answer ? answer.output : answer.ok ? '' : answer.code)
  }
  isOver = true
  await swapping
  await rm(race, { recursive: true })
  expect(new Set(answers)).toContain('harmless')
  expect(answers.filter((each) => each === 'secret')).toEqual([])
})

test('a file that is written over a link replaces the link, and not its target', async () => {
  expect(await transfer(join(folder, 'link'), 'harmless')).toMatchObject({ exit: 0 })
  expect(await readFile(join(root, 'secret', 'key'), 'utf8')).toBe('secret')
  expect(await readFile(join(folder, 'link'), 'utf8')).toBe('harmless')
})

test('folders, devices and absent files are no files', async () => {
  expect(await transfer(folder)).toMatchObject({ ok: false, code: 'stream_refused' })
  expect(await transfer(join(folder, 'none'))).toMatchObject({ ok: false, message: expect.stringContaining('ENOENT') })
  expect(await transfer('/dev/zero')).toMatchObject({ ok: false })
})
