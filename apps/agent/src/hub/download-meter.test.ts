import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DownloadLimits } from '@skerry/core/settings/download-limits'
import { openBlobFolder } from '@skerry/platform/blobs/blob-folder'
import {
  type Credentials,
  createAuthority,
  issueServerCertificate,
} from '@skerry/platform/certificates/certificate-authority'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import type { Log } from '@skerry/platform/process/log'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Identity } from '../joining/identity.ts'
import { createHubDownload } from './hub-download.ts'

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const bytes = randomBytes(2_500_000)
const digest = digestOf(bytes)
const file = { digest, sizeBytes: bytes.length }
const EVENING_MS = Date.parse('2026-11-30T23:00:00Z')
const signal = AbortSignal.timeout(600_000)

let server: Server
let authority: Credentials
let certificate: Credentials
let data: string
let ranges: (string | undefined)[]

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'test', nowMs: Date.now() })
  certificate = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs: Date.now() })
  const { certificatePem: cert, privateKeyPem: key } = certificate
  server = createServer({ cert, key }, (request: IncomingMessage, response) => {
    if (request.url?.endsWith('/chunks')) return void response.writeHead(404).end()
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    ranges.push(request.headers.range)
    const rest = bytes.subarray(from)
    const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }
    response.writeHead(from > 0 ? 206 : 200, {
      etag: `"${digest}"`,
      'content-length': rest.length,
      ...(from > 0 && range),
    })
    response.end(rest)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'skerry-meter-'))
  ranges = []
})
afterEach(() => rmSync(data, { recursive: true }))
afterAll(() => server.close())

/** A device with these limits, whose agent starts now. */
async function startDevice(time: { nowMs: number; sleptMs: number }, limits: () => DownloadLimits) {
  const folder = await openBlobFolder({ fileSystem: nodeFileSystem, path: join(data, 'blobs'), freeBytesMin: 0 })
  const clock = {
    nowMs: () => time.nowMs,
    monotonicMs: () => time.sleptMs,
    async sleep(ms: number) {
      time.sleptMs += ms
    },
  }
  const seeds = { list: async function* () {}, open: async () => undefined }
  const download = createHubDownload({
    fileSystem: nodeFileSystem,
    options: { data },
    log,
    settings: { downloadLimits: limits, siteCaches: () => [] },
    random: () => 0.5,
    clock,
    folder: { ...folder, ...seeds },
  })
  const identity = {
    hub: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: authority.certificatePem,
    certificate: certificate.certificatePem,
    trustedKeys: [],
  } as unknown as Identity
  download.use(identity, certificate.privateKeyPem)
  return { download, folder }
}

test('a file that is larger than the budget arrives over three days, each time from the next byte', async () => {
  const time = { nowMs: EVENING_MS, sleptMs: 0 }
  const limits = { mbPerDay: 1, rates: [] }
  using first = (await startDevice(time, () => limits)).download
  expect(await first.download(file, signal)).toMatchObject({
    code: 'download_budget',
    message: 'the device has fetched its 1 MB of this day; it continues at 2026-12-01 00:00 UTC',
    retryable: true,
    retryAfterMs: 300_000,
  })
  // Neither another call nor another start fetches a byte more on this day.
  expect(await first.download(file, signal)).toMatchObject({ code: 'download_budget' })
  using second = (await startDevice(time, () => limits)).download
  expect(await second.download(file, signal)).toMatchObject({ code: 'download_budget' })
  expect(ranges).toHaveLength(1)
  time.nowMs += 3_600_000
  expect(await second.download(file, signal)).toMatchObject({ code: 'download_budget' })
  time.nowMs += 86_400_000
  expect(await second.download(file, signal)).toMatchObject({ ok: true })
  const [, ...later] = ranges.map((range) => Number(/\d+/.exec(range ?? '')?.[0]))
  expect(later).toHaveLength(2)
  expect(later[0]).toBeGreaterThanOrEqual(1_000_000)
  expect(later[1]).toBeGreaterThanOrEqual(2_000_000)
})

test('a larger budget lets a file continue on the same day, and without one nothing is written', async () => {
  const time = { nowMs: EVENING_MS, sleptMs: 0 }
  let limits: DownloadLimits = { mbPerDay: 1, rates: [] }
  using device = (await startDevice(time, () => limits)).download
  expect(await device.download(file, signal)).toMatchObject({ code: 'download_budget' })
  expect(JSON.parse(readFileSync(join(data, 'fetched-today.json'), 'utf8')).bytes).toBeGreaterThanOrEqual(1_000_000)
  limits = { mbPerDay: 50, rates: [] }
  expect(await device.download(file, signal)).toMatchObject({ ok: true })
  expect(time.sleptMs).toBe(0)
})

test('a rate stretches the transfer by the clock, and hours without a rate are free', async () => {
  const time = { nowMs: EVENING_MS, sleptMs: 0 }
  using device = (await startDevice(time, () => ({ rates: ['22:00-06:00 UTC 100 kB/s'] }))).download
  expect(await device.download(file, signal)).toMatchObject({ ok: true, receivedBytes: bytes.length })
  expect(Math.round(time.sleptMs)).toBe(25_000)
  rmSync(join(data, 'blobs'), { recursive: true })
  const noon = { nowMs: EVENING_MS - 11 * 3_600_000, sleptMs: 0 }
  using other = (await startDevice(noon, () => ({ rates: ['22:00-06:00 UTC 100 kB/s'] }))).download
  expect(await other.download(file, signal)).toMatchObject({ ok: true })
  expect(noon.sleptMs).toBe(0)
})

test('a file whose last byte spends the budget is complete', async () => {
  const time = { nowMs: EVENING_MS, sleptMs: 0 }
  let limits: DownloadLimits = { rates: [] }
  using device = (await startDevice(time, () => limits)).download
  limits = { mbPerDay: 2.5, rates: [] }
  expect(await device.download(file, signal)).toMatchObject({ ok: true })
  expect(await device.download({ ...file, digest: digestOf(Buffer.from('another')) }, signal)).toMatchObject({
    code: 'download_budget',
  })
})
