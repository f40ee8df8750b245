import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobFolder } from '@skerry/platform/blobs/blob-folder'
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
import { createHubDownload } from './hub-download.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const bytes = randomBytes(700_000)
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
  server = createServer({ cert, key }, async ({ url }, response) => {
    if (url?.endsWith('/caches')) {
      asked.resolve()
      await caches.promise
    }
    if (url !== `/v1/blobs/${file.digest}`) return void response.writeHead(404).end()
    copies++
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
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

test('a cache fetches a file for its neighbours while it waits for another cache, and copies it then', async () => {
  const signal = AbortSignal.timeout(60_000)
  const [own, kept] = [await folderAt('own'), await folderAt('kept')]
  using download = createHubDownload({
    fileSystem: nodeFileSystem,
    options: { data },
    log,
    settings: { downloadLimits: () => ({ rates: [] }), siteCaches: () => ['press-4=10.0.0.7:8600'] },
    random: () => 0.5,
    clock: systemClock,
    folder: own,
    kept: { open: kept.open, arrived() {} },
  })
  const identity = {
    hub: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: authority.certificatePem,
    certificate: certificate.certificatePem,
    trustedKeys: [],
  } as unknown as Identity
  download.use(identity, certificate.privateKeyPem)
  const waiting = download.download(file, signal)
  await asked.promise
  expect(await download.downloadInto(kept, file, signal)).toMatchObject({ ok: true, receivedBytes: bytes.length })
  caches.resolve()
  expect(await waiting).toMatchObject({ ok: true, receivedBytes: 0 })
  expect(await own.has(file.digest)).toBe(true)
  expect(copies).toBe(1)
})
