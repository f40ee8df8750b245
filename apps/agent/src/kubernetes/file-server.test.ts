/** The server of files, with callers that have no token, ask for other things, or say nothing. */
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { createLog } from '@skerry/platform/process/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClusterIdentity, openClusterIdentity } from './cluster-identity.ts'
import { startFileServer } from './file-server.ts'

const DIGEST = `sha256:${'1'.repeat(64)}`
const controller = new AbortController()
let folder: string
let identity: ClusterIdentity
let port: number

const openIdentity = () => openClusterIdentity({ fileSystem: nodeFileSystem, folder, host: '127.0.0.1' }, Date.now())

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-files-'))
  identity = await openIdentity()
  const path = join(folder, 'file')
  await writeFile(path, 'the file')
  const deps = {
    identity,
    address: { host: '127.0.0.1', port: 0 },
    fileSystem: nodeFileSystem,
    log: createLog({ name: 'test', level: 'silent' }),
    async withFile(digest: string, work: (file: SourceFile & { sizeBytes: number }) => Promise<void>) {
      if (digest !== DIGEST) return false
      await work({ name: 'file', path, seal: undefined, sizeBytes: 8 })
      return true
    },
  }
  const server = await startFileServer(deps, controller.signal)
  // A caller that says nothing, or does not read, loses its place.
  expect([server.headersTimeout, server.requestTimeout, server.timeout]).toEqual([10_000, 60_000, 60_000])
  port = (server.address() as AddressInfo).port
})
afterAll(async () => {
  controller.abort()
  await rm(folder, { recursive: true, force: true })
})

/** The status and the text; undefined if the server ends the connection. */
async function ask(path: string, { token = identity.token, method = 'GET' } = {}) {
  const headers = { authorization: `Bearer ${token}` }
  const outgoing = request({ host: '127.0.0.1', port, path, method, headers, ca: identity.authorityPem, agent: false })
  outgoing.end()
  const [answer] = await once(outgoing, 'response').catch(() => [undefined])
  return answer && [answer.statusCode, (await buffer(answer)).toString()]
}

test('a pod with the token gets a file of an applied version, and nothing else', async () => {
  expect(await ask(`/files/${DIGEST}`)).toEqual([200, 'the file'])
  expect(await ask(`/files/${encodeURIComponent('../identity.json')}`)).toEqual([404, ''])
  expect(await ask('/identity.json')).toEqual([404, ''])
  expect(await ask(`/files/${DIGEST}`, { method: 'PUT' })).toEqual([404, ''])
  expect(await ask('/files/%E0%A4%A')).toBeUndefined()
})

test.each(['', 'x', 'x'.repeat(43)])('a caller with the token %j gets nothing', async (token) => {
  expect(await ask(`/files/${DIGEST}`, { token })).toEqual([401, ''])
})

test('the identity is kept, and a damaged one is named without its words', async () => {
  expect((await openIdentity()).token).toBe(identity.token)
  for (const text of [`{"token":"${identity.token}"`, '{"token":"short"}']) {
    await writeFile(join(folder, 'identity.json'), text)
    const message = await openIdentity().catch(({ message: words }: Error) => words)
    expect(message).toContain('identity.json is damaged')
    expect(message).not.toContain(identity.token.slice(0, 8))
  }
})
