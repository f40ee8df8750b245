/** Git sources: the hub follows a real repository over HTTP, with signed commits, and rejects hostile ones. */

import { createHmac } from 'node:crypto'
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { GitSource } from '@skerry/contract/git-sources/git-source'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestHub, type TestHub } from '../stage/running-hub.ts'
import { type GitServer, openGitServer } from '../stage/servers/git-server.ts'
import { openSshServer } from '../stage/servers/ssh-server.ts'
import { joinDevice } from '../stage/test-device.ts'
import { modelBytes, push, unary } from '../stage/test-model.ts'

const TOKEN = 'token-of-the-git-server'

let git: GitServer
let hub: TestHub

beforeEach(async () => {
  git = await openGitServer(TOKEN)
  hub = await startTestHub({
    gitRoot: git.root,
    webhooks: { allowed: [{ host: '127.0.0.1', port: git.port }] },
  })
})
afterEach(async () => {
  await hub[Symbol.asyncDispose]()
  await git[Symbol.asyncDispose]()
})

const site = (name: string, kind = 'edge') =>
  `apiVersion: skerry/v1\nkind: Site\nmetadata: { name: ${name} }\nspec: { kind: ${kind} }\n`

type Answered = { code?: string; message?: string; source?: GitSource }

const set = (spec: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  hub.ask<Answered>('PUT', '/v1/git-sources/fleet', {
    body: { spec: { url: git.url, role: 'administrator', ...spec }, accessToken: TOKEN, ...more },
  })

const act = (verb: string, body: Record<string, unknown> = {}) =>
  hub.ask<Answered & Partial<GitSource>>('POST', `/v1/git-sources/fleet/${verb}`, { body })

const show = async () => (await hub.ask<GitSource>('GET', '/v1/git-sources/fleet')).body

/** The source after a look that began after this call. */
async function synced(): Promise<GitSource> {
  const before = (await show()).checkedAtMs ?? 0
  await act('sync')
  return until(async () => {
    const source = await show()
    return (source.checkedAtMs ?? 0) > before && source.nextAtMs > (source.checkedAtMs ?? 0) && source
  })
}

const names = async () =>
  (await hub.ask<{ rows: { name: string }[] }>('GET', '/v1/sites')).body.rows.map(({ name }) => name)

const records = async () => (await hub.ask<{ rows: AuditRecord[] }>('GET', '/v1/audit?limit=500')).body.rows

test('a signed commit is compared, applied once, shown as drift, and repaired only if the source says so', async () => {
  const olga = await git.key('olga')
  const stranger = await git.key('stranger')
  const first = await git.commit({ 'sites/oslo.yaml': site('oslo'), 'README.md': '# fleet' }, olga)
  const signers = [{ name: 'olga', key: olga.publicKey }]
  expect((await set({ path: 'sites', signers }, { isPaused: true })).body.code).toBeUndefined()
  const paused = await until(async () => {
    const source = await show()
    return source.head && source
  })
  expect(paused).toMatchObject({ state: 'paused', documents: 1, differing: 1, head: { hash: first, signer: 'olga' } })
  expect(paused.changes[0]).toMatchObject({ kind: 'Site', name: 'oslo', change: 'create' })
  expect(await names()).toEqual([])

  await act('resume')
  const current = await until(async () => {
    const source = await show()
    return source.state === 'current' && source
  })
  expect(current).toMatchObject({ applied: { hash: first }, differing: 0, changes: [] })
  expect(await names()).toEqual(['oslo'])
  const applied = (await records()).find(({ action }) => action === 'site.apply')
  expect(applied).toMatchObject({
    actor: { kind: 'key', id: current.keyId, name: expect.stringMatching(/^git-fleet-/) },
    detail: { gitSource: 'fleet', commit: first },
  })
  expect((await records()).map(({ action }) => action)).toContain('gitSource.applied')

  // A person changes the hub: the source shows it, and leaves it.
  expect((await hub.ask('PUT', '/v1/sites/oslo', { body: { kind: 'onprem' } })).status).toBe(200)
  const drifted = await synced()
  expect(drifted).toMatchObject({ state: 'drifted', differing: 1 })
  expect(drifted.changes[0]?.diff).toEqual(expect.arrayContaining(['-  kind: onprem', '+  kind: edge']))
  await set({ path: 'sites', signers, onDrift: 'repair' })
  expect(await synced()).toMatchObject({ state: 'current' })
  expect((await hub.ask<{ kind: string }>('GET', '/v1/sites/oslo')).body.kind).toBe('edge')

  // Commits without a signature, or by somebody else, are not even read.
  for (const signing of [undefined, stranger]) {
    await git.commit({ 'sites/bergen.yaml': site('bergen') }, signing)
    const refused = await synced()
    expect(refused).toMatchObject({ state: 'failed', problem: { code: 'git_unsigned' } })
    expect(refused.problem?.message).toMatch(/olga must sign/)
  }
  expect(await names()).toEqual(['oslo'])
  const second = await git.commit({ 'sites/bergen.yaml': site('bergen') }, olga)
  expect(await synced()).toMatchObject({ state: 'current', applied: { hash: second } })
  expect(await names()).toEqual(['bergen', 'oslo'])

  // The server shows an old state, whose signature is still good.
  await git.git('push', '--quiet', '--force', 'origin', `${first}:main`)
  const rewound = await synced()
  expect(rewound).toMatchObject({ state: 'waiting', problem: { code: 'git_rewound' }, applied: { hash: second } })
  expect((await act('sync', { accept: second })).body.code).toBe('git_source_refused')
  await act('sync', { accept: first })
  expect(await until(async () => (await show()).applied?.hash === first)).toBe(true)
  // Its document has left the branch. The hub removes nothing, and says so.
  expect((await show()).kept).toEqual(['Site bergen'])

  const { keyId } = await show()
  await hub.ask('DELETE', '/v1/git-sources/fleet')
  const keys = await hub.ask<{ rows: { id: string; revokedAtMs?: number }[] }>('GET', '/v1/keys')
  expect(keys.body.rows.find(({ id }) => id === keyId)?.revokedAtMs).toBeGreaterThan(0)
  expect(await names()).toEqual(['bergen', 'oslo'])
})

test(
  'the source has the permissions of its role only, and nobody gives a role that they do not have',
  deep('roles and addresses; the quick test applies a commit'),
  async () => {
    await git.commit({ 'oslo.yaml': site('oslo') })
    await set({ role: 'viewer' })
    expect(await synced()).toMatchObject({ state: 'failed', problem: { code: 'permission_denied' }, differing: 1 })
    const made = await hub.ask<{ secret: string }>('POST', '/v1/roles', {
      body: { name: 'follower', permissions: ['git.write', 'deployment.read'] },
    })
    expect(made.status).toBe(200)
    const key = (await hub.ask<{ secret: string }>('POST', '/v1/keys', { body: { name: 'f', role: 'follower' } })).body
      .secret
    const body = { spec: { url: git.url, role: 'administrator' } }
    expect((await hub.ask<Answered>('PUT', '/v1/git-sources/fleet', { key, body })).body.code).toBe('role_refused')
    const elsewhere = { spec: { url: 'https://127.0.0.1:1/fleet.git', role: 'viewer' } }
    expect((await hub.ask<Answered>('PUT', '/v1/git-sources/fleet', { body: elsewhere })).body).toMatchObject({
      code: 'git_source_refused',
      message: expect.stringMatching(/--webhook-allow/),
    })
    const local = { spec: { url: 'file:///etc', role: 'viewer' } }
    expect((await hub.ask<Answered>('PUT', '/v1/git-sources/fleet', { body: local })).body.code).toBe(
      'git_source_refused',
    )
  },
)

test(
  'a wrong document, token or branch says what to do, and nothing of the commit is applied',
  deep('five wrong wishes, each with a fetch'),
  async () => {
    await git.commit({ 'a.yaml': site('oslo'), 'b.yaml': site('bergen', 'moon') })
    await set({})
    const invalid = await synced()
    expect(invalid.problem).toMatchObject({ code: 'git_manifest_invalid' })
    expect(invalid.problem?.message).toMatch(/b\.yaml:\d.*kind.*nothing of the commit was applied/s)
    expect(await names()).toEqual([])
    await set({}, { accessToken: 'wrong' })
    expect((await synced()).problem).toMatchObject({
      code: 'git_refused',
      message: expect.stringMatching(/--token-file/),
    })
    await set({ branch: 'release' })
    expect((await synced()).problem?.code).toBe('git_branch_missing')
    await set({ path: 'nowhere' })
    expect((await synced()).problem?.code).toBe('git_empty')
    // The token is in no answer, no record and no line of the log.
    const all = JSON.stringify([await show(), await records(), hub.log])
    expect(all).not.toContain(TOKEN)
  },
)

test(
  'a webhook with the right secret starts a synchronisation, and another one is rejected',
  deep('another start of the same synchronisation'),
  async () => {
    await git.commit({ 'oslo.yaml': site('oslo') })
    await set({ intervalSeconds: 86_400 })
    expect(await synced()).toMatchObject({ state: 'current' })
    const { body } = await act('webhook')
    const { url, secret } = body as unknown as { url: string; secret: string }
    const path = new URL(url).pathname
    const raw = JSON.stringify({ ref: 'refs/heads/main' })
    const send = (signature: string) =>
      hub.ask<Answered>('POST', path, {
        key: null,
        raw,
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
      })
    expect((await send('0'.repeat(64))).body.code).toBe('git_hook_refused')
    await git.commit({ 'bergen.yaml': site('bergen') })
    expect((await send(createHmac('sha256', secret).update(raw).digest('hex'))).status).toBe(202)
    await until(async () => (await names()).length === 2)
  },
)

test('a hostile repository is rejected with its reason', deep('core judges most trees in unit tests'), async () => {
  const problemWith = async (): Promise<string | undefined> => (await synced()).problem?.code
  const url = `file://${git.root}/fleet.git`
  await git.commit({ 'sites/oslo.yaml': site('oslo') })
  await set({ url, path: 'sites' })
  expect(await synced()).toMatchObject({ state: 'current' })
  const work = (await git.git('rev-parse', '--show-toplevel')).trim()

  await symlink('/etc/passwd', join(work, 'sites/passwd.yaml'))
  await git.commit({})
  expect(await problemWith()).toBe('git_unsafe')
  await git.git('rm', '--quiet', 'sites/passwd.yaml')

  const head = (await git.git('rev-parse', 'HEAD')).trim()
  await git.git('update-index', '--add', '--cacheinfo', `160000,${head},sites/module`)
  await git.git('commit', '--quiet', '-m', 'submodule')
  await git.git('push', '--quiet', 'origin', 'main')
  expect(await problemWith()).toBe('git_unsafe')
  await git.git('rm', '--quiet', '--cached', 'sites/module')

  await git.commit({ 'sites/big.yaml': '#'.repeat(2 * 1024 * 1024) })
  expect(await problemWith()).toBe('git_too_large')
  await git.git('rm', '--quiet', 'sites/big.yaml')
  await git.commit({})
  expect(await synced()).toMatchObject({ state: 'current' })

  // A tree that names a file outside: Git rejects it before it is stored.
  const blob = (await git.git('hash-object', '-w', 'sites/oslo.yaml')).trim()
  const entry = Buffer.concat([Buffer.from('100644 ../oslo.yaml\0'), Buffer.from(blob, 'hex')])
  await writeFile(join(work, 'tree'), entry)
  const tree = (await git.git('hash-object', '-t', 'tree', '-w', '--literally', 'tree')).trim()
  const commit = (await git.git('commit-tree', tree, '-p', 'HEAD', '-m', 'outside')).trim()
  await git.git('push', '--quiet', '--force', 'origin', `${commit}:main`)
  expect(await problemWith()).toBe('git_unsafe')
  expect(await names()).toEqual(['oslo'])
})

test(
  'a commit waits for a person if devices would leave, or if a rule for two people holds it',
  deep('a model, a device and rules; core judges consents in unit tests'),
  async () => {
    await push(hub, 'pump', modelBytes(unary('Relu')))
    await joinDevice(hub, { name: 'press-1' })
    await git.commit({ 'fleet.yaml': `${group('true')}---\n${deployment('group:pumps')}` })
    await set({})
    expect(await synced()).toMatchObject({ state: 'current', documents: 2 })
    const hash = await git.commit({ 'fleet.yaml': `${group('false')}---\n${deployment('group:pumps')}` })
    const waiting = await synced()
    expect(waiting).toMatchObject({ state: 'waiting', differing: 1, problem: { code: 'git_acceptance_needed' } })
    expect(waiting.problem?.message).toMatch(/1 leave all that uses the group pumps/)
    expect(await selector()).toBe('true')
    await act('sync', { accept: hash })
    await until(async () => (await show()).state === 'current')
    expect(await selector()).toBe('false')

    await hub.ask('PUT', '/v1/approval-rules', { body: { deployments: 'true' } })
    await git.commit({ 'fleet.yaml': `${group('false')}---\n${deployment('true')}` })
    expect(await synced()).toMatchObject({ state: 'waiting', problem: { code: 'approval_needed' } })
    await hub.ask('PUT', '/v1/approval-rules', { body: {} })
    expect(await synced()).toMatchObject({ state: 'current' })
  },
)

const group = (selector: string) =>
  `apiVersion: skerry/v1\nkind: Group\nmetadata: { name: pumps }\nspec: { selector: '${selector}' }\n`

const deployment = (selector: string) =>
  `apiVersion: skerry/v1\nkind: Deployment\nmetadata: { name: pumps }\nspec: { deployable: pump, version: 1, selector: '${selector}' }\n`

const selector = async () =>
  (await hub.ask<{ spec: { selector: string } }>('GET', '/v1/groups/pumps')).body.spec.selector

test(
  'a document that left is removed only if the source says so, and a deployment only when a person accepts',
  deep('seven looks at a repository; core judges the consents'),
  async () => {
    await push(hub, 'pump', modelBytes(unary('Relu')))
    const deployment =
      'apiVersion: skerry/v1\nkind: Deployment\nmetadata: { name: dose }\nspec: { deployable: pump, version: 1, selector: "true" }\n'
    await git.commit({ 'oslo.yaml': site('oslo'), 'bergen.yaml': site('bergen'), 'dose.yaml': deployment })
    await set({ onLeave: 'remove' })
    expect(await synced()).toMatchObject({ state: 'current', documents: 3 })
    await git.git('rm', '--quiet', 'bergen.yaml')
    await git.commit({})
    expect(await synced()).toMatchObject({ state: 'current', kept: [] })
    expect(await names()).toEqual(['oslo'])

    await git.git('rm', '--quiet', 'dose.yaml')
    const head = await git.commit({})
    const waiting = await synced()
    expect(waiting).toMatchObject({
      state: 'waiting',
      kept: ['Deployment dose'],
      problem: { code: 'git_acceptance_needed', message: expect.stringContaining('remove the deployment dose') },
    })
    await act('sync', { accept: head })
    await until(async () => (await show()).applied?.hash === head)
    expect((await hub.ask('GET', '/v1/deployments/dose')).status).toBe(404)

    // Documents of another folder have not left.
    await git.commit({ 'sites/oslo.yaml': site('tromso') })
    await set({ onLeave: 'remove', path: 'sites' })
    await synced()
    expect(await names()).toEqual(['oslo', 'tromso'])
  },
)

test.skipIf(!isInstalled('gpg', '--version'))(
  'a commit that a declared key of OpenPGP signed is applied, and one of another key is not even read',
  deep('keys of another kind; the quick test verifies those of SSH'),
  async () => {
    const [olga, stranger, per] = [await git.pgpKey('olga'), await git.pgpKey('stranger'), await git.key('per')]
    const signers = [
      { name: 'olga', key: olga.publicKey },
      { name: 'per', key: per.publicKey },
    ]
    await git.commit({ 'oslo.yaml': site('oslo') }, olga)
    expect((await set({ signers })).body.code).toBeUndefined()
    expect(await synced()).toMatchObject({ state: 'current', head: { signer: 'olga' } })
    await git.commit({ 'bergen.yaml': site('bergen') }, stranger)
    expect(await synced()).toMatchObject({ state: 'failed', problem: { code: 'git_unsigned' } })
    await git.commit({}, per)
    expect(await synced()).toMatchObject({ state: 'current', head: { signer: 'per' } })
    expect(await names()).toEqual(['bergen', 'oslo'])
    await set({ signers: [signers[1]] })
    await git.commit({}, olga)
    expect(await synced()).toMatchObject({ state: 'failed', problem: { code: 'git_unsigned' } })
  },
)

test.skipIf(!isInstalled('/usr/sbin/sshd', '-V'))(
  'a repository is followed over SSH with a key, and a server with another key gets no connection',
  deep('a real server of SSH; the quick test fetches over HTTP'),
  async () => {
    await using ssh = await openSshServer()
    await hub[Symbol.asyncDispose]()
    hub = await startTestHub({ webhooks: { allowed: [{ host: '127.0.0.1', port: ssh.port }] } })
    const hash = await git.commit({ 'oslo.yaml': site('oslo') })
    const url = `ssh://127.0.0.1:${ssh.port}${git.root}/fleet.git`
    const spec = { url, user: ssh.user, hostKeys: [ssh.hostKey] }
    expect((await set(spec, { accessToken: ssh.privateKey })).body.code).toBeUndefined()
    const current = await synced()
    expect(current, current.problem?.message).toMatchObject({ state: 'current', applied: { hash } })
    expect(await names()).toEqual(['oslo'])

    const stranger = await git.key('stranger')
    await set({ ...spec, hostKeys: [stranger.publicKey] }, { accessToken: ssh.privateKey })
    expect((await synced()).problem).toMatchObject({
      code: 'git_refused',
      message: expect.stringContaining('--host-keys'),
    })
    await set(spec, { accessToken: await readFile(stranger.keyFile, 'utf8') })
    expect((await synced()).problem?.message).toContain('the server rejects the key')
    await set(spec, { accessToken: 'no key' })
    expect((await synced()).problem?.message).toContain('no private key of OpenSSH')
    expect((await set({ url, user: ssh.user })).body.code).toBe('input_invalid')
    const folder = await readdir(join(hub.data, 'git-sources'), { recursive: true })
    expect(folder.filter((path) => path.includes('ssh-identity'))).toEqual([])
  },
)
