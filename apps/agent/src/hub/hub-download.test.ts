import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentPackage } from '@skerry/contract/agents/agent-package'
import { type BlobFolder, openBlobFolder } from '@skerry/platform/blobs/blob-folder'
import {
  type Credentials,
  createAuthority,
  issueServerCertificate,
} from '@skerry/platform/certificates/certificate-authority'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Identity } from '../joining/identity.ts'
import { versionFolder } from '../launcher/launch-files.ts'
import { openInstalledPart } from '../updates/installed-parts.ts'
import { createHubDownload, type HubDownloadDeps } from './hub-download.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const bytes = randomBytes(1_200_000)
const file = { digest: digestOf(bytes), sizeBytes: bytes.length }

let server: Server
let authority: Credentials
let certificate: Credentials
let data: string
let caches: PromiseWithResolvers<void>
let asked: PromiseWithResolvers<void>
let copies: number

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'test', nowMs: Date.now() })
  certificate = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs: Date.now() })
  const { certificatePem: cert, privateKeyPem: key } = certificate
  server = createServer({ cert, key }, async ({ url, headers }, response) => {
    if (url?.endsWith('/caches')) {
      asked.resolve()
      await caches.promise
    }
    if (url !== `/v1/blobs/${file.digest}`) return void response.writeHead(404).end()
    copies++
    const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? []
    const rest = bytes.subarray(Number(from ?? 0))
    const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
    response.writeHead(from === undefined ? 200 : 206, { 'content-length': rest.length, ...(from && range) }).end(rest)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'skerry-hub-download-'))
  caches = Promise.withResolvers()
  asked = Promise.withResolvers()
  copies = 0
})
afterEach(() => rmSync(data, { recursive: true }))
afterAll(() => server.close())

async function folderAt(name: string) {
  const folder = await openBlobFolder({ fileSystem: nodeFileSystem, path: join(data, name), freeBytesMin: 0 })
  return { ...folder, list: async function* () {} }
}

type Wish = Pick<HubDownloadDeps, 'folder' | 'kept' | 'installed'> & { siteCaches?: string[] }

function openDownload({ siteCaches = [], ...wish }: Wish) {
  const download = createHubDownload({
    ...wish,
    fileSystem: nodeFileSystem,
    options: { data },
    log,
    settings: { downloadLimits: () => ({ rates: [] }), siteCaches: () => siteCaches },
    random: () => 0.5,
    clock: systemClock,
  })
  const identity = {
    hub: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: authority.certificatePem,
    certificate: certificate.certificatePem,
    trustedKeys: [],
  } as unknown as Identity
  download.use(identity, certificate.privateKeyPem)
  return download
}

test('a cache fetches a file for its neighbours while it waits for another cache, and copies it then', async () => {
  const signal = AbortSignal.timeout(60_000)
  const [own, kept] = [await folderAt('own'), await folderAt('kept')]
  using download = openDownload({
    folder: own,
    kept: { open: kept.open, arrived() {} },
    siteCaches: ['press-4=10.0.0.7:8600'],
  })
  const waiting = download.download(file, signal)
  await asked.promise
  expect(await download.downloadInto(kept, file, signal)).toMatchObject({ ok: true, receivedBytes: bytes.length })
  caches.resolve()
  expect(await waiting).toMatchObject({ ok: true, receivedBytes: 0 })
  expect(await own.has(file.digest)).toBe(true)
  expect(copies).toBe(1)
})

/** The folder of a launcher with one version, whose Node has these bytes. */
function installVersion(node: Uint8Array): string {
  const root = join(data, 'software')
  const home = versionFolder(root, 'a'.repeat(64))
  const manifest: AgentPackage = {
    v: 1,
    version: '1.0.0',
    architectures: ['x64'],
    node: { version: '24.0.0', path: 'node' },
    entry: 'main.js',
    launcher: 'main.js',
    parts: [{ path: 'node', form: 'program', ...file }],
  }
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'agent.json'), JSON.stringify(manifest))
  writeFileSync(join(home, 'node'), node)
  return root
}

/** An earlier attempt has fetched so many bytes. */
const BEGUN = 300_000

async function beginPart(folder: Pick<BlobFolder, 'openPart'>): Promise<void> {
  const opened = await folder.openPart(file.digest, AbortSignal.timeout(60_000), file.sizeBytes)
  if (!opened.ok) throw new Error(opened.message)
  await using part = opened.part
  await part.append(bytes.subarray(0, BEGUN), 0)
}

test.each([
  ['is taken from there', bytes, 0],
  ['is fetched if somebody has changed it', Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)]), 1],
  ['is fetched if it is cut', bytes.subarray(0, 10), 1],
])('a program of an installed version of the agent %s', async (_, node, count) => {
  const root = installVersion(node)
  const folder = await folderAt('own')
  if (count > 0) await beginPart(folder)
  using download = openDownload({
    folder,
    installed: {
      open: (...wanted) => openInstalledPart({ root, fileSystem: nodeFileSystem }, ...wanted),
      seed: async () => undefined,
    },
  })
  const result = await download.download(file, AbortSignal.timeout(60_000))
  // The bytes of an earlier attempt are not fetched again.
  expect(result).toMatchObject({ ok: true, receivedBytes: count * (bytes.length - BEGUN) })
  expect(digestOf(Buffer.concat(await folder.createReadStream(file.digest).toArray()))).toBe(file.digest)
  expect(copies).toBe(count)
})

const brokenDisk = () => Promise.reject(new Error('a broken disk'))

test('a disk that cannot read an installed program does not stop the download', async () => {
  const folder = await folderAt('own')
  using download = openDownload({ folder, installed: { open: brokenDisk, seed: brokenDisk } })
  expect(await download.download(file, AbortSignal.timeout(60_000))).toMatchObject({ receivedBytes: bytes.length })
})
