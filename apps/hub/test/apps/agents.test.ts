import { spawnSync } from 'node:child_process'
import type { AgentPackage } from '@skerry/contract/agents/agent-package'
import type { PushReply, VersionDetail } from '@skerry/contract/models/model'
import { digestOf } from '@skerry/platform/files/hash'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, startTestHub, type TestHub } from '../stage/running-hub.ts'
import { INVENTORY, joinDevice, openLink, reportOf } from '../stage/test-device.ts'
import { upload } from '../stage/test-model.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub[Symbol.asyncDispose]())

const code = Buffer.from('the code')
const node = Buffer.from('the program')
const part = (path: string, bytes: Uint8Array, form: 'archive' | 'program') => ({
  path,
  digest: digestOf(bytes),
  sizeBytes: bytes.length,
  form,
})

const manifest = (more: Partial<AgentPackage> = {}): AgentPackage => ({
  v: 1,
  version: '0.2.0',
  architectures: ['x64'],
  node: { version: '24.1.0', path: 'node' },
  entry: 'node_modules/@skerry/agent/dist/main.js',
  launcher: 'node_modules/@skerry/agent/dist/launcher/launcher.js',
  parts: [part('parts/code.tar', code, 'archive'), part('node', node, 'program')],
  ...more,
})

const packageOf = (content: object = manifest()) =>
  new Map<string, Uint8Array>([
    ['agent.json', Buffer.from(JSON.stringify(content))],
    ['parts/code.tar', code],
    ['node', node],
  ])

async function push(
  files: ReadonlyMap<string, Uint8Array>,
  { name = 'skerry-agent', ...body }: { name?: string; aliases?: string[] } = {},
): Promise<Answer<PushReply & { code?: string; message?: string }>> {
  const named: { path: string; digest: string }[] = []
  for (const [path, bytes] of files) named.push({ path, digest: await upload(hub, Buffer.from(bytes)) })
  return hub.ask('POST', `/v1/models/${name}/versions`, { body: { files: named, ...body } })
}

test('a package is a version of the kind agent, and its page has the manifest', async () => {
  const pushed = await push(packageOf(), { aliases: ['stable'] })
  expect(pushed.status, pushed.text).toBe(200)
  expect(pushed.body.version).toMatchObject({ kind: 'agent', name: 'skerry-agent', version: 1 })
  expect((await push(packageOf())).body).toMatchObject({ created: false })
  const shown = await hub.ask<VersionDetail>('GET', '/v1/models/skerry-agent/versions/1')
  expect(shown.body).toMatchObject({ agent: { version: '0.2.0', architectures: ['x64'] } })
})

test.each([
  ['with another name', packageOf(), { name: 'other' }, 'have the name skerry-agent'],
  [
    'with other bytes in a part',
    new Map([...packageOf(), ['node', Buffer.from('the progrem')]]),
    {},
    'node has other bytes',
  ],
  ['without a part', new Map([...packageOf()].filter(([path]) => path !== 'node')), {}, 'node is missing'],
  ['with a stray file', new Map([...packageOf(), ['extra', code]]), {}, 'extra is no part'],
  ['for an unknown processor', packageOf({ ...manifest(), architectures: ['mips'] }), {}, 'architectures.0'],
  ['with an entry outside', packageOf({ ...manifest(), entry: '../main.js' }), {}, 'entry'],
  ['with unknown fields', packageOf({ ...manifest(), hook: 'run.sh' }), {}, 'hook'],
  [
    'whose Node is an archive',
    packageOf(manifest({ node: { version: '24.1.0', path: 'parts/code.tar' } })),
    {},
    'no program',
  ],
  [
    'without a manifest that can be read',
    new Map([...packageOf(), ['agent.json', Buffer.from('{')]]),
    {},
    'agent.json',
  ],
])('the hub rejects a package %s', async (_, files, wish, words) => {
  const { status, body } = await push(files, wish)
  expect([status, body.code]).toEqual([422, 'agent_invalid'])
  expect(body.message).toContain(words)
})

test('only devices under a launcher are offered an agent, and its only setting is allowDowngrade', async () => {
  const bare = await joinDevice(hub, { name: 'bare' })
  using link = await openLink(hub, bare)
  await link.client.report(reportOf({ inventory: { ...INVENTORY, capabilities: ['onnx'] } }))
  const spec = { deployable: 'skerry-agent', version: '1' }
  const plan = (config: object) => hub.ask('POST', '/v1/deployments/agents/plan', { body: { ...spec, config } })
  const refused = await plan({ colour: 'red' })
  expect(refused.text).toContain('allowDowngrade')
  const planned = await plan({ allowDowngrade: true })
  expect(planned.status, planned.text).toBe(200)
  expect(planned.text).toContain('was not started by a launcher')
})

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

test('the script is plain text for everybody, has no secret, and is one that sh can read', async () => {
  const answer = await hub.ask('GET', '/install.sh', { key: null })
  expect(answer.status).toBe(200)
  expect(answer.text).toContain(hub.hub.config.caFingerprint)
  expect(answer.text.match(/BEGIN [A-Z ]+/g)).toEqual(['BEGIN CERTIFICATE'])
  const checked = spawnSync('sh', ['-n'], { input: answer.text, encoding: 'utf8' })
  expect([checked.status, checked.stderr]).toEqual([0, ''])
})

test('a join token opens the offered package and no other file', async () => {
  await hub.ask('PUT', '/v1/sites/berlin', { body: { kind: 'edge' } })
  const { token } = (await hub.ask<{ token: string }>('POST', '/v1/join-tokens', { body: { site: 'berlin' } })).body
  const headers = bearer(token)
  const listed = await hub.ask('GET', '/install/agent?arch=x64', { key: null, headers })
  expect(listed.status, listed.text).toBe(200)
  expect(listed.text).toContain(`file program ${digestOf(node).slice(7)} node\n`)
  expect(listed.text.trimEnd().split('\n').at(-1)).toMatch(/^file manifest [0-9a-f]{64} agent\.json$/)
  const file = await hub.ask('GET', `/install/files/${digestOf(node)}`, { key: null, headers })
  expect(file.text).toBe(String(node))
  const other = await upload(hub, Buffer.from('a secret model'))
  expect((await hub.ask('GET', `/install/files/${other}`, { key: null, headers })).status).toBe(404)
  const arm = await hub.ask<{ code: string }>('GET', '/install/agent?arch=arm64', { key: null, headers })
  expect(arm.body.code).toBe('agent_missing')
  const wrongs: Record<string, string>[] = [{}, bearer('skj_x'), bearer(`${token.slice(0, -4)}AAAA`)]
  for (const wrong of wrongs) {
    const refused = await hub.ask('GET', '/install/agent?arch=x64', { key: null, headers: wrong })
    expect(refused.status).toBe(403)
  }
})
