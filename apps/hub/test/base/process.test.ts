import { existsSync } from 'node:fs'
import { chmod, cp, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fingerprintOf } from '@skerry/platform/certificates/certificate'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { deep } from '@skerry/testkit/tier'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runToEnd, startHubProcess } from '../stage/hub-process.ts'

let folder: string
let data: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-hub-process-'))
  data = join(folder, 'hub')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a hub starts, locks its folder, stops on a signal, and is the same hub after a restart', async () => {
  let caPem = ''
  let ownerKey = ''
  {
    await using hub = await startHubProcess(data)
    ;[caPem, ownerKey] = [hub.caPem, hub.ownerKey]
    expect((await stat(join(folder, 'owner-key'))).mode & 0o777).toBe(0o600)
    for (const secret of ['authority.pem', 'server.pem', 'signing-key.pem', 'audit-key.pem']) {
      expect((await stat(join(data, secret))).mode & 0o077, secret).toBe(0)
    }
    expect((await hub.ask('PUT', '/v1/sites/oslo', { kind: 'edge' })).status).toBe(200)
    // An older hub without the rule left its data folder open; the next start closes it.
    await chmod(data, 0o755)
    await chmod(join(data, 'lock.sqlite'), 0o644)
    const second = await runToEnd(['--data', data, '--listen', '127.0.0.1:0'])
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/^skerry hub: another hub runs with .*--data and --listen \(folder_in_use\)$/m)
    const third = await runToEnd(['--data', `${data}-2`, '--listen', new URL(hub.url).host])
    expect(third.code).toBe(1)
    expect(third.stderr).toMatch(/^skerry hub: cannot listen on .*EADDRINUSE.*--listen \(port_in_use\)$/m)
    // The key is shown once, with the way to sign in, so a start that fails must not make it.
    expect(third.stdout).not.toContain('sk_')
    hub.child.kill('SIGTERM')
    expect(await hub.ended).toBe(0)
  }
  await using again = await startHubProcess(data)
  await expectPrivate(data)
  expect([again.caPem, again.ownerKey]).toEqual([caPem, ownerKey])
  expect((await again.ask('GET', '/v1/sites/oslo')).body).toMatchObject({ name: 'oslo' })
  expect((await again.ask('GET', '/v1/audit/verify')).body).toMatchObject({ intact: true })
})

test(
  'a hub that is stopped while it opens its database ends without an error',
  deep('one more start, whose end the test above shows for a hub that is ready'),
  async () => {
    const { code, stderr } = await runToEnd(['--data', data, '--listen', '127.0.0.1:0'], async (child) => {
      await expect.poll(() => existsSync(join(data, 'lock.sqlite')), { interval: 5 }).toBe(true)
      child.kill('SIGTERM')
    })
    expect(stderr).not.toContain('shutdown_overdue')
    expect(code).toBe(0)
  },
)

/** Neither the folder nor any file in it is open to group or others. */
async function expectPrivate(path: string): Promise<void> {
  const entries = (await readdir(path, { recursive: true })).map((name) => join(path, name))
  for (const entry of [path, ...entries]) expect((await stat(entry)).mode & 0o077, entry).toBe(0)
}

describe.each([
  [['--bogus'], 'unknown option'],
  [['--listen', 'here'], '--listen must be HOST:PORT'],
  [['--public-url', 'http://hub'], '--public-url must be https://'],
  [['--tls-cert', 'x'], 'go together'],
  [['--log-level', 'loud'], '--log-level must be one of'],
  [['--make-secrets'], '--make-secrets goes with --secrets DIR'],
])('%s', (args, words) => {
  const tier = args[0] === '--bogus' ? {} : deep('another wrong option; options.test.ts refuses each of them')
  test('is rejected in one line', tier, async () => {
    const { code, stderr } = await runToEnd([...args, '--data', data])
    expect(code).toBe(2)
    expect(stderr).toContain(words)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

test(
  'shared secrets are made without a hub, are used by a hub, and are neither made twice nor repaired',
  deep('a command before the first start; two-hubs uses what it makes'),
  async () => {
    const make = () => runToEnd(['--make-secrets', '--secrets', data])
    const made = await make()
    const again = await make()
    expect([made.code, again.code]).toEqual([0, 0])
    expect(made.stdout).toContain('Made:  authority.pem, signing-key.pem, encryption-key, audit-key.pem')
    expect(again.stdout).toContain('There already:')
    const files = ['authority.pem', 'signing-key.pem', 'encryption-key', 'audit-key.pem']
    expect((await readdir(data)).sort()).toEqual([...files].sort())
    for (const file of files) expect((await stat(join(data, file))).mode & 0o077, file).toBe(0)
    {
      await using hub = await startHubProcess(data)
      const fingerprint = /authority: {2}(\S+)/.exec(made.stdout)?.[1]
      expect(fingerprint).toBe(fingerprintOf(hub.caPem))
      hub.child.kill('SIGTERM')
      await hub.ended
    }
    await rm(join(data, 'audit-key.pem'))
    const half = await make()
    expect([half.code, half.stdout]).toEqual([1, ''])
    expect(half.stderr).toContain('but not audit-key.pem; restore the backup')
  },
)

/** The folder of a hub that has run and stopped; it is made once. */
let template: string | undefined
afterAll(async () => {
  if (template) await rm(template, { recursive: true, force: true })
})

async function stopped(): Promise<void> {
  if (template === undefined) {
    template = await mkdtemp(join(tmpdir(), 'skerry-hub-stopped-'))
    await using hub = await startHubProcess(join(template, 'hub'))
    hub.child.kill('SIGTERM')
    await hub.ended
  }
  await cp(join(template, 'hub'), data, { recursive: true })
}

const start = () => runToEnd(['--data', data, '--listen', '127.0.0.1:0'])

test('a hub names a damaged database, and does not start', async () => {
  await stopped()
  await writeFile(join(data, 'hub.sqlite'), Buffer.alloc(8_192, 'rubbish'))
  const { code, stderr } = await start()
  expect(code).toBe(1)
  expect(stderr).toMatch(/hub\.sqlite .*restore/)
})

test(
  'a hub does not change a database of a newer program',
  deep('a second bad database; the damaged one is quick'),
  async () => {
    await stopped()
    const database = new DatabaseSync(join(data, 'hub.sqlite'))
    database.exec("insert into schema_versions values (99, 'from the future', 0)")
    database.close()
    const { code, stderr } = await start()
    expect(code).toBe(1)
    expect(stderr).toContain('version 99')
  },
)

describe.each([
  ['authority', 'it would lock out every device'],
  ['audit-key', 'nobody could tell a forged trail from a genuine one'],
])('a lost %s', (name, why) => {
  const tier = name === 'authority' ? {} : deep('a second lost key; that of the authority is quick')
  test(`is named, and never replaced: ${why}`, tier, async () => {
    await stopped()
    await rename(join(data, `${name}.pem`), join(folder, 'lost.pem'))
    const { code, stderr } = await start()
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`${name}\\.pem is missing; restore it`))
  })
})

test("the hub serves the customer's certificate, and devices still get theirs from the hub", async () => {
  const nowMs = Date.now()
  const authority = await createAuthority({ commonName: 'Customer', nowMs })
  const server = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs })
  const files = { cert: server.certificatePem, key: server.privateKeyPem, ca: authority.certificatePem }
  const args: string[] = []
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text)
    args.push(`--tls-${name}`, join(folder, name))
  }
  await using hub = await startHubProcess(data, args)
  // The hub's own authority did not sign the served certificate.
  await expect(hub.ask('GET', '/v1/about')).rejects.toThrow(/certificate/)
  const { https } = { https: await import('node:https') }
  const about = await new Promise<{ caPem: string }>((resolve, reject) => {
    https
      .get(`${hub.url}/v1/about`, { ca: authority.certificatePem, agent: false }, (incoming) => {
        let text = ''
        incoming.on('data', (chunk) => {
          text += String(chunk)
        })
        incoming.on('end', () => resolve(JSON.parse(text) as { caPem: string }))
      })
      .on('error', reject)
  })
  expect(about.caPem).toBe(authority.certificatePem)
  const wrong = await runToEnd([
    '--data',
    join(folder, 'other'),
    '--tls-cert',
    join(folder, 'cert'),
    '--tls-key',
    join(data, 'authority.pem'),
    '--tls-ca',
    join(folder, 'ca'),
  ])
  expect(wrong.code).toBe(2)
  expect(wrong.stderr).toContain('is not the key of')
})
