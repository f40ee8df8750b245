import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DesiredDocument, DesiredItem } from '@skerry/contract/devices/desired'
import { Probation, Serving } from '@skerry/contract/models/serving'
import { DeviceId } from '@skerry/contract/values/ids'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import type { DownloadResult } from '@skerry/platform/blobs/blob-download'
import type { BlobFolder } from '@skerry/platform/blobs/blob-folder'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { signModel } from '@skerry/platform/signatures/model-signature'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { mustRead } from '@skerry/testkit/simulation/desired-item'
import { rounds, strict } from '@skerry/testkit/tier'
import { afterEach, expect, test } from 'vitest'
import { createConditions } from '../../src/conditions.ts'
import { openDrivers } from '../../src/kinds/drivers.ts'
import { openBlobIndex } from '../../src/reconcile/blob-index.ts'
import { createReconciler } from '../../src/reconcile/reconciler.ts'
import { openVersionFiles } from '../../src/runner/version-files.ts'
import { openModelBlobs } from '../../src/sealing/model-blobs.ts'
import { type AgentStore, openAgentStore } from '../../src/store/agent-store.ts'
import { signatureProblem } from '../../src/verifying/version-check.ts'
import { createFakeRunner, type FakeRunner } from '../stage/fake-runner.ts'

const signing = generateKeyPair()
const contents = new Map<string, Buffer>()

function publish(version: number): DesiredItem {
  const files = ['golden.json', 'model.onnx'].map((path) => {
    const bytes = Buffer.from(`${path} of version ${version}`)
    contents.set(digestOf(bytes), bytes)
    return { path, digest: digestOf(bytes), sizeBytes: bytes.length }
  })
  return mustRead({
    kind: 'model',
    name: 'm',
    deploymentId: 'dep_fakefake',
    revision: version,
    version,
    digest: digestOf(canonicalJson(files)),
    files,
    bundle: signModel({ name: `m/${version}`, resources: files, privateKeyPem: signing.privateKeyPem }),
    probation: Probation.parse({ seconds: 0 }),
    retryToken: 0,
    spec: { serving: Serving.parse({}) },
  })
}

const documentOf = (generation: number, ...items: DesiredItem[]): DesiredDocument => ({
  v: 1,
  deviceId: DeviceId.parse('dev_fakefake'),
  generation,
  digest: digestOf(canonicalJson(items)),
  items,
})

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function newFolder(like?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-reconcile-'))
  folders.push(folder)
  if (like !== undefined) await cp(like, folder, { recursive: true })
  return folder
}

/** A folder in which version 1 has proved itself. */
async function goodFolder(): Promise<string> {
  const folder = await newFolder()
  await live(folder, nodeFileSystem, documentOf(1, publish(1)), isActive(1))
  return folder
}

/** Time passes as soon as a part sleeps. */
function quickClock() {
  let nowMs = 1_000
  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    async sleep(ms: number, signal: AbortSignal) {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      nowMs += Math.min(ms, 1_000)
    },
  }
}

async function fetchFrom(
  blobs: Pick<BlobFolder, 'openPart'>,
  digest: DesiredItem['digest'],
  signal: AbortSignal,
): Promise<DownloadResult> {
  const opened = await blobs.openPart(digest, signal)
  if (!opened.ok) return { ...opened, retryable: true }
  await using part = opened.part
  const bytes = contents.get(digest) ?? Buffer.alloc(0)
  const appended = await part.append(bytes.subarray(part.sizeBytes), part.sizeBytes)
  if (!appended.ok) return { ok: false, code: 'storage_full', message: appended.message, retryable: false }
  const committed = await part.commit(digest)
  if (committed.ok) return { ok: true, sizeBytes: bytes.length, receivedBytes: bytes.length }
  return { ok: false, code: 'storage_full', message: committed.message, retryable: false }
}

type Life = { runner: FakeRunner; store: AgentStore; codes: Set<string>; raised: () => string[] }

/** One life of the agent on the folder. It works until `until` is true, and then everything is dropped as by a kill. */
async function live(
  folder: string,
  fileSystem: FileSystem,
  document: DesiredDocument,
  until: (life: Life) => boolean,
  wrap = (store: AgentStore) => store,
) {
  const clock = quickClock()
  const stop = new AbortController()
  const opened = openAgentStore(join(folder, 'agent.sqlite'), clock)
  if (!opened.ok) throw new Error(opened.message)
  using store = opened.store
  const blobs = await openModelBlobs({
    fileSystem,
    data: folder,
    freeBytesMin: () => 0,
    wanted: 'plain',
    keys: undefined,
  })
  const runner = createFakeRunner(clock)
  const codes = new Set<string>()
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, child: () => log }
  const conditions = createConditions(log, () => {
    for (const { code } of conditions.list()) codes.add(code)
  })
  const life: Life = { runner, store, codes, raised: () => conditions.list().map(({ code }) => code) }
  const files = openVersionFiles(join(folder, 'versions'), blobs)
  const reconciler = createReconciler({
    locks: async () => [],
    store: wrap(store),
    blobs,
    index: await openBlobIndex(blobs),
    files,
    drivers: openDrivers({
      runner,
      files,
      data: folder,
      fileSystem,
      clock,
      log,
      signal: stop.signal,
      engineSocket: join(folder, 'engine.sock'),
      onChange() {},
    }),
    signatureProblem: (item) => signatureProblem(item, { trustedKeys: [signing.publicKeyPem], document: undefined }),
    clock,
    random: () => 0.5,
    log,
    conditions,
    memoryAvailableBytes: () => 1e9,
    floorBytes: () => 0,
    download: ({ digest }, signal) => fetchFrom(blobs, digest, signal),
    onChange() {
      if (until(life)) stop.abort()
    },
  })
  if ((store.document()?.generation ?? 0) < document.generation) store.saveDocument(document)
  await reconciler.run(AbortSignal.any([stop.signal, AbortSignal.timeout(PATIENCE_MS)])).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error
  })
  return life
}

const isActive =
  (version: number) =>
  ({ store, runner }: Life) =>
    store.lives()[0]?.state === 'active' && store.lives()[0]?.target.version === version && runner.serving() === version

/** The quick tier takes every fourth change: some of each kind, opening a part (9, 17) among them. */
const CHANGE_STEP = rounds({ quick: 4, deep: 1 })

test(
  'at any failed disk change the serving version goes on, and a restart ends with the new version',
  strict('a version that serves goes on: a law of the device'),
  async () => {
    const good = await goodFolder()
    const two = publish(2)
    for (const after of ['fails', 'works'] as const) {
      for (let failAt = 1; ; failAt += CHANGE_STEP) {
        const folder = await newFolder(good)
        const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC', after })
        const isEnough = (life: Life) =>
          isActive(2)(life) ||
          (failing.hasFailed() && after === 'fails' && life.runner.serving() === 1 && hasTold(life))
        const life = await live(folder, failing.fileSystem, documentOf(2, two), isEnough).catch(
          (error: unknown) => error,
        )
        const change = `${after} at ${failAt}`
        // If folders cannot even be opened, the process ends, and its supervisor starts it again.
        if (life instanceof Error) expect(life.message, change).toMatch('planned failure')
        else expect([1, 2], change).toContain((life as Life).runner.serving())
        const healed = await live(folder, nodeFileSystem, documentOf(2, two), isActive(2))
        expect(healed.runner.models.every((text) => /^model\.onnx of version [12]$/.test(text))).toBe(true)
        if (!failing.hasFailed()) break
      }
    }
  },
)

const hasTold = ({ store, codes }: Life) =>
  codes.has('storage_full') || store.lives()[0]?.cause?.code === 'storage_full'

test('if any record cannot be written, its step is not taken, and nothing is lost', async () => {
  const good = await goodFolder()
  const two = publish(2)
  for (let failAt = 1, hasFailed = true; hasFailed; failAt++) {
    hasFailed = false
    const folder = await newFolder(good)
    let writes = 0
    const life = await live(folder, nodeFileSystem, documentOf(2, two), isActive(2), (store) => ({
      ...store,
      tell(item, event) {
        writes++
        if (writes !== failAt) return store.tell(item, event)
        hasFailed = true
        throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
      },
    }))
    expect(life.runner.serving(), `write ${failAt}`).toBe(2)
    if (hasFailed) expect(life.codes).toContain('storage_full')
    expect(life.raised()).toEqual([])
  }
})

test('a load that the runner rejects fails a new version, and delays a proved one', async () => {
  const folder = await goodFolder()
  const refusal = { ok: false as const, code: 'model_load_failed', message: 'no' }
  let refusals = 0
  const life = await live(folder, nodeFileSystem, documentOf(1, publish(1)), (now) => {
    if (now.store.lives()[0]?.cause === undefined && refusals++ === 0) now.runner.refusals.load = refusal
    else if (now.store.lives()[0]?.cause) delete now.runner.refusals.load
    return refusals > 0 && isActive(1)(now) && now.store.lives()[0]?.cause === undefined
  })
  expect(life.store).toBeDefined()
  const failed = await live(folder, nodeFileSystem, documentOf(2, publish(2)), (now) => {
    if (now.runner.serving() === 1) now.runner.refusals.load = refusal
    return now.runner.serving() === 1 && now.store.lives()[0]?.state === 'failed'
  })
  expect(failed.runner.serving()).toBe(1)
})

test('a version waits if the machine kills its load or its golden run, and does not fail', async () => {
  for (const order of ['load', 'golden'] as const) {
    const folder = await goodFolder()
    let hasWaited = false
    const message = "the model's worker ended: the model's process crashed (SIGKILL)"
    const life = await live(folder, nodeFileSystem, documentOf(2, publish(2)), (now) => {
      const [record] = now.store.lives()
      hasWaited ||= record?.cause?.code === 'load_waits'
      if (hasWaited) delete now.runner.refusals[order]
      else if (now.runner.serving() === 1) now.runner.refusals[order] = { ok: false, code: 'model_failed', message }
      return record?.state === 'failed' || (hasWaited && isActive(2)(now))
    })
    expect(life.runner.serving(), order).toBe(2)
  }
})
