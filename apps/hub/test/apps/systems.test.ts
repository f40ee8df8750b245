/** Pushes of system releases to the hub: the accepted files, and the rejections. */
import type { PushReply } from '@skerry/contract/models/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { upload } from '../stage/test-model.ts'

let hub: TestHub
let limits: PushReply['version']

beforeAll(async () => {
  hub = await startTestHub()
  const { body } = await push('limits', { 'data.json': '{"v":1}', 'files/a.csv': '1' })
  limits = body.version
})
afterAll(() => hub[Symbol.asyncDispose]())

async function push(name: string, files: Readonly<Record<string, string>>, more: object = {}) {
  const named: { path: string; digest: string }[] = []
  for (const [path, text] of Object.entries(files)) named.push({ path, digest: await upload(hub, Buffer.from(text)) })
  return hub.ask<PushReply & { code?: string; message?: string }>('POST', `/v1/models/${name}/versions`, {
    body: { files: named, ...more },
  })
}

/** A release with one part, which is the pushed data with these changes. */
const releaseOf = (change: object = {}) => {
  const { kind, name, version, digest, sizeBytes } = limits
  return JSON.stringify({ v: 1, description: 'line 4', parts: [{ kind, name, version, digest, sizeBytes, ...change }] })
}

test('a release is a version of the size of its parts, and the hub keeps the versions that it names', async () => {
  const release = releaseOf()
  const { status, body, text } = await push('line', { 'system.json': release })
  expect(status, text).toBe(200)
  expect(body.version).toMatchObject({
    kind: 'system',
    sizeBytes: limits.sizeBytes + release.length,
    system: { description: 'line 4', parts: [{ name: 'limits', version: 1 }] },
  })
  expect((await push('line', { 'system.json': release })).body.created).toBe(false)
  const removed = await hub.ask<{ code: string; message: string }>('DELETE', '/v1/models/limits/versions/1')
  expect(removed.body).toMatchObject({ code: 'version_in_use', message: expect.stringContaining('the system line:1') })
})

test.each([
  ['an unknown part', () => releaseOf({ version: 7 }), 'the part limits:7 is not on this hub'],
  ['another digest', () => releaseOf({ digest: `sha256:${'0'.repeat(64)}` }), 'another content'],
  ['another kind', () => releaseOf({ kind: 'model' }), 'another content'],
  ['another size', () => releaseOf({ sizeBytes: 1 }), 'another content'],
  ['an unknown kind', () => releaseOf({ kind: 'hologram' }), 'which no system can have'],
  ['a system as a part', () => releaseOf({ kind: 'system' }), 'which no system can have'],
  ['an unknown field', () => releaseOf({ must: true }), 'must'],
  ['no part', () => '{"v":1,"parts":[]}', 'system.json, parts'],
  ['one name twice', () => releaseOf().replace(/\[(.*)\]/, '[$1,$1]'), 'two parts have one name'],
  ['no JSON', () => 'hello', 'system.json'],
])('a release with %s is rejected', async (_, release, words) => {
  const answer = await push('line', { 'system.json': release() })
  expect([answer.status, answer.body.code]).toEqual([400, 'input_invalid'])
  expect(answer.body.message).toContain(words)
})

test('a release with another file is rejected', async () => {
  const { body } = await push('line', { 'system.json': releaseOf(), 'notes.txt': 'x' })
  expect(body).toMatchObject({ code: 'input_invalid', message: expect.stringContaining('a system has no notes.txt') })
})
