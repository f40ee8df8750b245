/** Two hubs on one PostgreSQL and one bucket, as behind a balancer that sends each request to another. */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, digestOfStream } from '@skerry/platform/files/hash'
import { hasPostgres, newDatabase, type PostgresCluster, startPostgres } from '@skerry/testkit/postgres-cluster'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HubProcess, startHubProcess } from '../stage/hub-process.ts'
import { S3_CREDENTIALS, type S3Server, startS3Server } from '../stage/servers/s3-server.ts'
import { goldenOf, modelBytes, unary } from '../stage/test-model.ts'

type Upload = { id: string; offsetBytes: number; done: boolean; code?: string }

describe.skipIf(!hasPostgres)('two hubs', () => {
  let folder: string
  let cluster: PostgresCluster
  let server: S3Server
  const hubs: HubProcess[] = []

  beforeAll(async () => {
    Object.assign(process.env, S3_CREDENTIALS)
    folder = await mkdtemp(join(tmpdir(), 'skerry-two-'))
    cluster = await startPostgres()
    server = await startS3Server()
    const args = ['--database-url', await newDatabase(cluster.url), '--secrets', join(folder, 'one'), ...server.args]
    hubs.push(await startHubProcess(join(folder, 'one'), args))
    // Only for the test, which looks for the authority there.
    await mkdir(join(folder, 'two'))
    await copyFile(join(folder, 'one/authority.pem'), join(folder, 'two/authority.pem'))
    hubs.push(await startHubProcess(join(folder, 'two'), args))
  })

  afterAll(async () => {
    for (const hub of hubs) await hub[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    await cluster?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  let turn = 0
  /** The next one in turn, as a balancer would choose. */
  const next = (): HubProcess => {
    turn += 1
    return hubs[turn % hubs.length] as HubProcess
  }

  async function upload(bytes: Uint8Array, pieceBytes: number): Promise<string> {
    const digest = digestOf(bytes)
    let { body } = await next().ask<Upload>('POST', '/v1/uploads', { digest, sizeBytes: bytes.length })
    while (!body.done) {
      const { id, offsetBytes } = body
      const piece = bytes.subarray(offsetBytes, offsetBytes + pieceBytes)
      const sent = await next().send(`/v1/uploads/${id}?offsetBytes=${offsetBytes}`, piece)
      expect(sent.status, JSON.stringify(sent.body)).toBe(200)
      body = sent.body as Upload
      expect(body.offsetBytes).toBe(offsetBytes + piece.length)
    }
    return digest
  }

  test('pieces that reach one and the other in turn are one blob, which both give', async () => {
    const bytes = randomBytes(20_000_000)
    const digest = await upload(bytes, 3_000_000)
    for (const hub of hubs) {
      expect(await fetchBlob(hub, digest)).toBe(digestOf(bytes))
    }
  })

  test('what was uploaded through one is pushed through the other', async () => {
    const digest = await upload(modelBytes(unary('Relu')), 50)
    const wish = { files: [{ path: 'model.onnx', digest }], golden: goldenOf(0.5) }
    for (const created of [true, false]) {
      expect((await next().ask('POST', '/v1/models/relu/versions', wish)).body).toMatchObject({ created })
    }
  })
})

/** The digest of what the hub gives. */
function fetchBlob({ url, caPem, ownerKey }: HubProcess, digest: string): Promise<string> {
  const headers = { authorization: `Bearer ${ownerKey}` }
  return new Promise((resolve, reject) => {
    get(`${url}/v1/blobs/${digest}`, { ca: caPem, agent: false, headers }, (answer) =>
      digestOfStream(answer, new AbortController().signal).then((found) => resolve(found.digest), reject),
    ).on('error', reject)
  })
}
