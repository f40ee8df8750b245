import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Digest } from '@skerry/contract/values/digest'
import { readSource } from '@skerry/inference/runtime/model-source'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf, hexOf } from '@skerry/platform/files/hash'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { rounds, strict } from '@skerry/testkit/tier'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createConditions } from '../conditions.ts'
import { rotateModelKey } from './model-key.ts'
import { openSealing } from './open-sealing.ts'

const PLANTED = 'planted bytes of a model'
const contents = [
  Buffer.concat([Buffer.from(PLANTED), randomBytes(600_000)]),
  Buffer.from(PLANTED.repeat(3)),
  Buffer.alloc(0),
]
const digests = contents.map((bytes) => digestOf(bytes))
const { privateKeyPem: privateKey } = generateKeyPair()
const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
/** Nothing here loses power; waiting for the disk some thousand times would only take time. */
const quickFileSystem: FileSystem = {
  ...nodeFileSystem,
  async open(path, flags, mode) {
    return { ...(await nodeFileSystem.open(path, flags, mode)), sync: async () => {} }
  },
  syncFolder: async () => {},
}
let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'skerry-sealing-'))
})
afterEach(() => rmSync(data, { recursive: true }))

type Wish = { encryptModels?: boolean; sealKey?: string; fileSystem?: FileSystem }

async function start({ encryptModels, sealKey, fileSystem = quickFileSystem }: Wish = {}) {
  const conditions = createConditions(log, () => {})
  const stop = new AbortController()
  // Who waits, waits in vain: one try is enough to see.
  const clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => stop.abort() }
  const deps = { fileSystem, clock, random: () => 0.5, log, conditions, privateKey, freeBytesMin: () => 0 }
  const { blobs, run } = await openSealing({ data, encryptModels, sealKey }, deps)
  const codes = () => conditions.list().map(({ code }) => code)
  return { blobs, codes, run: () => run(async () => {}, stop.signal) }
}
type Started = Awaited<ReturnType<typeof start>>

async function fill({ blobs }: Started) {
  for (const [at, bytes] of contents.entries()) {
    const digest = digests[at] as Digest
    const opened = await blobs.openPart(digest, AbortSignal.timeout(PATIENCE_MS), bytes.length)
    if (!opened.ok) throw new Error(opened.message)
    await opened.part.append(bytes, 0)
    expect(await opened.part.commit(digest)).toMatchObject({ ok: true })
  }
}

/** All files of the folder that hold the planted bytes. */
const inClear = () =>
  readdirSync(data, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(PLANTED))

async function expectWhole({ blobs }: Started, when = '') {
  const listed: Digest[] = []
  for await (const { digest } of blobs.list()) listed.push(digest)
  expect(listed.toSorted(), when).toEqual(digests.toSorted())
  for (const [at, digest] of digests.entries()) {
    expect(await blobs.verify(digest, AbortSignal.timeout(PATIENCE_MS)), when).toMatchObject({ ok: true })
    const read = await blobs.whileStill(async () => readSource({ name: '', ...(await blobs.fileOf(digest)) }))
    expect(Buffer.from(read).equals(contents[at] as Buffer), when).toBe(true)
  }
}

test('models of a device lie as they are, until it is told otherwise; then nothing of them is in clear, also at later starts', async () => {
  const plain = await start()
  await fill(plain)
  await plain.run()
  expect(inClear()).toHaveLength(2)
  const sealing = await start({ encryptModels: true })
  await expectWhole(sealing, 'while they are being converted')
  await sealing.run()
  await expectWhole(sealing)
  expect(inClear()).toEqual([])
  const later = await start()
  await later.run()
  await expectWhole(later)
  expect(inClear()).toEqual([])
  const back = await start({ encryptModels: false })
  await expectWhole(back)
  await back.run()
  await expectWhole(back)
  expect(inClear()).toHaveLength(2)
  expect(existsSync(join(data, 'model-key.json'))).toBe(false)
})

test('a key that is kept elsewhere turns encryption on; without it nothing is read, fetched or thrown away', async () => {
  const sealKey = join(data, '..', `${hexOf(digestOf(data))}.key`)
  writeFileSync(sealKey, randomBytes(32).toString('base64'), { mode: 0o600 })
  try {
    await fill(await start({ sealKey }))
    expect(inClear()).toEqual([])
    for (const wish of [{}, { sealKey: join(data, 'no-such-file') }]) {
      const locked = await start(wish)
      await locked.run()
      expect(locked.codes()).toEqual(['model_key_refused'])
      const [digest] = digests as [Digest]
      expect(await locked.blobs.verify(digest, AbortSignal.timeout(PATIENCE_MS))).toMatchObject({
        code: 'blob_unknown',
      })
      await expect(locked.blobs.openPart(digest, AbortSignal.timeout(PATIENCE_MS), 9)).rejects.toThrow('is missing')
    }
    await expectWhole(await start({ sealKey }))
  } finally {
    rmSync(sealKey)
  }
})

test('files move to a new key, and the old one is forgotten', async () => {
  await fill(await start({ encryptModels: true }))
  await rotateModelKey(nodeFileSystem, data, { privateKey, outer: undefined })
  const keysIn = () => JSON.parse(readFileSync(join(data, 'model-key.json'), 'utf8')).keys.length
  expect(keysIn()).toBe(2)
  const moving = await start()
  await expectWhole(moving)
  await moving.run()
  await expectWhole(moving)
  expect(keysIn()).toBe(1)
  await expectWhole(await start())
})

test('without its key, what was encrypted is gone: it is removed, and there is room for it to come again', async () => {
  await fill(await start({ encryptModels: true }))
  rmSync(join(data, 'model-key.json'))
  const anew = await start({ encryptModels: true })
  for (const digest of digests) expect(await anew.blobs.has(digest)).toBe(false)
  await fill(anew)
  await expectWhole(anew)
})

test('a damaged file does not hold the others up, and does not stay in clear', async () => {
  const plain = await start()
  await fill(plain)
  const [digest] = digests as [Digest]
  const { path } = await plain.blobs.fileOf(digest)
  writeFileSync(path, `${PLANTED} but not all`)
  const sealing = await start({ encryptModels: true })
  await sealing.run()
  expect(await sealing.blobs.has(digest)).toBe(false)
  expect(await sealing.blobs.strays()).toEqual([])
  expect(inClear()).toEqual([])
})

test('what is collected while it is converted does not come back', async () => {
  const plain = await start()
  await fill(plain)
  const { blobs } = await start({ encryptModels: true })
  const [digest] = digests as [Digest]
  const converted = blobs.convert(digest, AbortSignal.timeout(PATIENCE_MS))
  await blobs.remove(digest)
  expect(await converted).toMatchObject({ ok: true })
  expect(await blobs.has(digest)).toBe(false)
})

test.each([
  ['encrypting', undefined, { encryptModels: true }],
  ['decrypting', true, { encryptModels: false }],
  ['moving to a new key', true, {}],
] as const)(
  '%s, whatever change of the disk fails, all is whole before and after, and the next start ends it',
  strict('the disk fails at one change after the other'),
  async (what, before, wish) => {
    // An odd step, so that both kinds of failure have their turn.
    const step = rounds({ quick: 5, deep: 1 })
    for (let failAt = 1, hasFailed = true; hasFailed; failAt += step) {
      await fill(await start(before === undefined ? {} : { encryptModels: before }))
      if (what === 'moving to a new key') await rotateModelKey(nodeFileSystem, data, { privateKey, outer: undefined })
      // For good and for a moment in turn: all changes of a file are alike, and there are many files.
      hasFailed = await breakAndHeal(wish, { failAt, after: failAt % 2 === 0 ? 'fails' : 'works' })
      expect(inClear(), `at ${failAt}`).toHaveLength(what === 'decrypting' ? 2 : 0)
      for (const name of readdirSync(data)) rmSync(join(data, name), { recursive: true })
    }
  },
)

async function breakAndHeal(wish: Wish, plan: { failAt: number; after: 'fails' | 'works' }): Promise<boolean> {
  const failing = failingFileSystem(quickFileSystem, { ...plan, code: 'ENOSPC' })
  const broken = await start({ ...wish, fileSystem: failing.fileSystem }).catch(() => undefined)
  await broken?.run().catch(() => undefined)
  const when = `${plan.after} at ${plan.failAt}`
  const healed = await start(wish)
  await expectWhole(healed, when)
  await healed.run()
  await expectWhole(healed, when)
  expect(healed.codes()).toEqual([])
  return failing.hasFailed()
}
