import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '@skerry/platform/files/hash'
import { tarOf } from '@skerry/testkit/images/tar'
import { beforeEach, expect, test } from 'vitest'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { cli, type TestFolder } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let hub: FakeHub
let folder: TestFolder
let env: Record<string, string>

beforeEach(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, folder, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

const code = Buffer.from('the code')
const manifest = {
  v: 1,
  version: '0.2.0',
  architectures: ['x64'],
  node: { version: '24.1.0' },
  entry: 'main.js',
  launcher: 'launcher.js',
  parts: [{ path: 'parts/code.tar', digest: digestOf(code), sizeBytes: code.length, form: 'archive' }],
}

async function push(content: object, bytes = code) {
  const file = join(folder.path, 'agent.tar')
  const files = [
    { path: 'agent.json', bytes: Buffer.from(JSON.stringify(content)) },
    { path: 'parts/code.tar', bytes },
  ]
  await writeFile(file, tarOf(files))
  return cli(['agent', 'push', file, '--alias', 'stable'], { env })
}

test('a package is pushed under the name of agents, with its parts as files', async () => {
  const { code: exit, err } = await push(manifest)
  expect(exit, err).toBe(0)
  const [pushed] = hub.state.pushes
  expect(pushed).toMatchObject({ name: 'skerry-agent', aliases: ['stable'] })
  expect(pushed?.files.map(({ path }) => path)).toEqual(['agent.json', 'parts/code.tar'])
  expect(hub.state.blobs.get(digestOf(code))).toEqual(code)
})

test.each([
  ['a part has other bytes', manifest, Buffer.from('the coda'), 'has other bytes'],
  ['a field is unknown', { ...manifest, hook: 'x' }, code, 'agent.json'],
  [
    'a part has no description',
    { ...manifest, parts: [{ ...manifest.parts[0], path: 'other' }] },
    code,
    'other is missing',
  ],
])('nothing is uploaded if %s', async (_, content, bytes, words) => {
  const { code: exit, err } = await push(content, bytes)
  expect([exit, err]).toEqual([1, expect.stringContaining(words)])
  expect(hub.state.blobs.size).toBe(0)
})
