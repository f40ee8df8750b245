/**
 * Registry pull: how fast a layer comes from the registry of a hub, against docker-registry with the same certificate,
 * in turns and by the same client.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { freePort } from '@skerry/testkit/free-port'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { newHubHome, startHub } from '../../examples/stage/fleet.ts'
import { median } from '../serve-parts/serve-latency.ts'

/** An odd number, so that the median is a measured value. */
const TURNS = 9

/** A usual layer of a server of models. */
const LAYER_BYTES = 256 * 1024 ** 2

/** Undefined without docker-registry. */
export async function measurePull(folder: string): Promise<object> {
  if (!isInstalled('docker-registry', '--version')) return { pull: 'docker-registry is not installed' }
  const port = await freePort()
  const home = await newHubHome(join(folder, 'registry-hub'))
  await using hub = await startHub({ ...home, args: ['--registry-listen', `127.0.0.1:${port}`] })
  using other = await startOther(join(folder, 'docker-registry'))
  const own = { port, authorization: `Basic ${Buffer.from(`skerry:${hub.connection.key}`).toString('base64')}` }
  const layer = randomBytes(LAYER_BYTES)
  const digest = `sha256:${createHash('sha256').update(layer).digest('hex')}`
  for (const registry of [own, other]) await pushBlob(registry, layer, digest)
  const times = { own: [] as number[], other: [] as number[] }
  for (let turn = 0; turn <= TURNS; turn++) {
    const [ownMs, otherMs] = [await pull(own, digest), await pull(other, digest)]
    // The first pull of each warms caches.
    if (turn > 0) {
      times.own.push(ownMs)
      times.other.push(otherMs)
    }
  }
  const rate = (all: readonly number[]) => Math.round(LAYER_BYTES / 1024 ** 2 / (median(all) / 1_000))
  const [pullMbPerSecond, barePullMbPerSecond] = [rate(times.own), rate(times.other)]
  const pullRatio = Math.round((pullMbPerSecond / barePullMbPerSecond) * 100) / 100
  return { pullMbPerSecond, barePullMbPerSecond, pullRatio }
}

type Registry = { port: number; authorization?: string }

async function startOther(folder: string): Promise<Registry & Disposable> {
  await mkdir(folder, { recursive: true })
  const nowMs = Date.now()
  const authority = await createAuthority({ commonName: 'bench', nowMs })
  const own = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs })
  await writeFile(join(folder, 'cert.pem'), own.certificatePem)
  await writeFile(join(folder, 'key.pem'), own.privateKeyPem)
  const port = await freePort()
  const config = [
    'version: 0.1',
    'log: {level: warn}',
    `storage: {filesystem: {rootdirectory: ${folder}/data}}`,
    `http: {addr: 127.0.0.1:${port}, tls: {certificate: ${folder}/cert.pem, key: ${folder}/key.pem}}`,
  ]
  await writeFile(join(folder, 'config.yml'), config.join('\n'))
  const server: ChildProcess = spawn('docker-registry', ['serve', join(folder, 'config.yml')], { stdio: 'ignore' })
  for (;;) {
    const status = await ask({ port }, 'GET', '/v2/').catch(() => 0)
    if (status === 200) break
    if (server.exitCode !== null) throw new Error('docker-registry ended')
    await sleep(20)
  }
  return { port, [Symbol.dispose]: () => void server.kill('SIGTERM') }
}

// The speed is measured, and not the certificate.
const agent = new Agent({ keepAlive: true, rejectUnauthorized: false })

async function send({ port, authorization }: Registry, method: string, path: string, body?: Buffer) {
  const headers = {
    ...(authorization !== undefined && { authorization }),
    ...(body && { 'content-type': 'application/octet-stream', 'content-length': body.length }),
  }
  const outgoing = request({ host: '127.0.0.1', port, path, method, headers, agent })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage]
  return response
}

async function ask(registry: Registry, method: string, path: string): Promise<number> {
  const response = await send(registry, method, path)
  response.resume()
  await once(response, 'end')
  return response.statusCode ?? 0
}

async function pushBlob(registry: Registry, layer: Buffer, digest: string): Promise<void> {
  const begun = await send(registry, 'POST', '/v2/bench/blobs/uploads/')
  begun.resume()
  const { pathname, searchParams } = new URL(begun.headers.location ?? '', 'https://registry')
  searchParams.set('digest', digest)
  const done = await send(registry, 'PUT', `${pathname}?${searchParams}`, layer)
  done.resume()
  if (done.statusCode !== 201) throw new Error(`the push was answered with ${done.statusCode}`)
}

async function pull(registry: Registry, digest: string): Promise<number> {
  const beginMs = performance.now()
  const response = await send(registry, 'GET', `/v2/bench/blobs/${digest}`)
  let bytes = 0
  for await (const piece of response) bytes += (piece as Buffer).length
  if (bytes !== LAYER_BYTES) throw new Error(`the pull has ${bytes} bytes`)
  return performance.now() - beginMs
}
