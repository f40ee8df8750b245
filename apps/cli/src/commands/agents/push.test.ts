import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '@skerry/platform/files/hash'
import { beforeEach, expect, test } from 'vitest'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { agentPackage, packageCode as code, packageManifest as manifest } from '../../../test/stage/agent-package.ts'
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

async function push(content: object, bytes?: Buffer) {
  const file = join(folder.path, 'agent.tar')
  await writeFile(file, agentPackage(content, bytes))
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
