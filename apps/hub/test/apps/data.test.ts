/** Pushes of data to the hub: the accepted files, and the rejections. */
import type { PushReply } from '@skerry/contract/models/model'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { upload } from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

async function push(files: Readonly<Record<string, string>>, body: object = {}) {
  const named: { path: string; digest: string }[] = []
  for (const [path, text] of Object.entries(files)) named.push({ path, digest: await upload(hub, Buffer.from(text)) })
  return hub.ask<PushReply & { code?: string; message?: string }>('POST', '/v1/models/limits/versions', {
    body: { files: named, ...body },
  })
}

const DATA = '{"v":1,"description":"line 4"}'

test('a folder of files is a version of data, also with names that other kinds have', async () => {
  const { status, body, text } = await push({ 'data.json': DATA, 'files/a.csv': '1', 'files/sub/model.onnx': 'x' })
  expect(status, text).toBe(200)
  expect(body.version).toMatchObject({ kind: 'data', goldenCases: 0, data: { description: 'line 4' } })
  expect(body.version.files).toHaveLength(3)
})

test.each([
  ['no file', { 'data.json': DATA }, {}, 'push one at least'],
  ['a file elsewhere', { 'data.json': DATA, 'a.csv': '1' }, {}, 'put each file below files/'],
  ['an unknown field', { 'data.json': '{"v":1,"owner":"x"}', 'files/a.csv': '1' }, {}, 'owner'],
  ['no JSON', { 'data.json': 'hello', 'files/a.csv': '1' }, {}, 'data.json'],
])('a push with %s is rejected', async (_, files: Readonly<Record<string, string>>, body, words) => {
  const answer = await push(files, body)
  expect([answer.status, answer.body.code]).toEqual([400, 'input_invalid'])
  expect(answer.body.message).toContain(words)
})
