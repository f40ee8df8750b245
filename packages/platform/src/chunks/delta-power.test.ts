/** A download by chunks, whose disk loses its power or is full at each of its writes. */
import { createCipheriv } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { decodeRuns } from '@skerry/core/chunks/byte-runs'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { forgetfulDisk } from '@skerry/testkit/faults/forgetful-disk'
import { deep } from '@skerry/testkit/tier'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type BlobFolder, openBlobFolder } from '../blobs/blob-folder.ts'
import { generateKeyPair } from '../certificates/private-key.ts'
import { type FileSystem, nodeFileSystem } from '../files/file-system.ts'
import { digestOf } from '../files/hash.ts'
import { buildChunkIndex } from './chunk-index.ts'
import { encodeSignedIndex } from './chunk-signature.ts'
import { downloadDelta } from './delta-download.ts'
import type { SendToHub } from './delta-requests.ts'

const key = generateKeyPair()
const signal = AbortSignal.timeout(600_000)

const noise = (seed: number, length: number) =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length))

const old = noise(1, 600_000)
const wanted = Buffer.concat([old.subarray(200_000), noise(2, 90_000), old.subarray(0, 200_000)])
const [seed, digest] = [digestOf(old), digestOf(wanted)]

let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'skerry-power-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

const openOn = (fileSystem: FileSystem) => openBlobFolder({ fileSystem, path, freeBytesMin: 0 })

async function store(folder: BlobFolder): Promise<void> {
  const opened = await folder.openPart(seed, signal)
  if (!opened.ok) throw new Error(opened.message)
  await using part = opened.part
  await part.append(old, 0)
  await part.commit(seed)
}

const index = await buildChunkIndex(Readable.from([wanted]), signal)

const send: SendToHub = async ({ method = 'GET', path: asked, content }) => {
  const body = content ? Buffer.concat(await content.stream.toArray()) : Buffer.alloc(0)
  const file = asked.endsWith('/runs') ? wanted : index.pages
  const runs = decodeRuns(body, file.length) ?? []
  const part = Buffer.concat(runs.map(({ start, length }) => file.subarray(start, start + length)))
  const bytes = method === 'GET' ? Buffer.from(encodeSignedIndex(digest, index, key)) : part
  return { ok: true as const, status: 200, headers: {}, stream: Readable.from([bytes]) as IncomingMessage }
}

async function download(fileSystem: FileSystem) {
  const folder = await openOn(fileSystem)
  const seeds = [{ digest: seed, open: () => folder.open(seed) }]
  const hub = { send, digest, sizeBytes: wanted.length, trustedKeys: [key.publicKeyPem] }
  return downloadDelta({ ...hub, folder, seeds, clock: { sleep: async () => {} }, random: () => 0.5 }, signal)
}

/** A blob that the folder names is whole: its digest is its name. */
async function expectWhole(): Promise<void> {
  const folder = await openOn(nodeFileSystem)
  for (const one of [seed, digest]) {
    if (!(await folder.has(one))) continue
    expect(digestOf(Buffer.concat(await folder.createReadStream(one).toArray()))).toBe(one)
  }
  expect(await folder.has(seed)).toBe(true)
}

/** The next download ends, or leaves the few missing bytes to the download of the whole file, which continues here. */
async function expectGoesOn(): Promise<void> {
  const outcome = await download(nodeFileSystem)
  await expectWhole()
  const folder = await openOn(nodeFileSystem)
  if (outcome.kind === 'done') return expect(await folder.has(digest)).toBe(true)
  const opened = await folder.openPart(digest, signal)
  if (!opened.ok) throw new Error(opened.message)
  await using part = opened.part
  await part.append(wanted.subarray(part.sizeBytes), part.sizeBytes)
  expect(await part.commit(digest)).toMatchObject({ ok: true })
}

/** Numbers without a pattern, the same in each run. */
function dice(start: number): () => number {
  let state = start
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

test.each([
  ['nothing', () => () => false],
  [
    'some of it',
    (turn: number) => {
      const roll = dice(turn)
      return () => roll() < 0.5
    },
  ],
])(
  'a cut of the power at any change leaves whole files, if the disk keeps %s of what was not synced',
  deep('a download for each change of the disk'),
  async (_, keepsAt) => {
    let cuts = 0
    for (let cutAt = 1; ; cutAt++) {
      rmSync(path, { recursive: true, force: true })
      await store(await openOn(nodeFileSystem))
      const disk = forgetfulDisk(nodeFileSystem, { cutAt, keeps: keepsAt(cutAt) })
      const outcome = await download(disk.fileSystem).catch(() => 'cut' as const)
      disk.cutPower()
      await expectWhole()
      if (!disk.isCut()) {
        expect(outcome).toMatchObject({ kind: 'done', result: { ok: true } })
        expect(await (await openOn(nodeFileSystem)).has(digest)).toBe(true)
        break
      }
      cuts++
      await expectGoesOn()
    }
    expect(cuts).toBeGreaterThan(5)
  },
)

test(
  'a disk that is full at any change leaves whole files, and the download continues when there is room',
  deep('a download for each change of the disk'),
  async () => {
    for (let failAt = 1; ; failAt++) {
      rmSync(path, { recursive: true, force: true })
      await store(await openOn(nodeFileSystem))
      const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC' })
      const outcome = await download(failing.fileSystem).catch((error: unknown) => error)
      await expectWhole()
      if (!failing.hasFailed()) {
        expect(outcome).toMatchObject({ kind: 'done', result: { ok: true } })
        break
      }
      await expectGoesOn()
    }
  },
)
