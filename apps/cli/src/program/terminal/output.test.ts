import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Name } from '@skerry/contract/values/names'
import { beforeEach, expect, test } from 'vitest'
import { OWNER_KEY, rolloutOf } from '../../../test/fake-hub/fake-data.ts'
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

test.each([
  ['site-ls', ['site', 'ls']],
  ['site-show', ['site', 'show', 'rotterdam']],
  ['device-ls', ['device', 'ls']],
  ['device-show', ['device', 'show', 'gateway-1']],
  ['device-events', ['device', 'events', 'gateway-1']],
  ['key-ls', ['key', 'ls']],
  ['model-ls', ['model', 'ls']],
  ['model-show', ['model', 'show', 'anomaly:2']],
  ['model-diff', ['model', 'diff', 'anomaly', '1', '2']],
  ['model-diff-back', ['model', 'diff', 'anomaly', '2', '1']],
  ['model-diff-same', ['model', 'diff', 'anomaly', '2', '@champion']],
  ['model-devices', ['model', 'devices', 'anomaly:2']],
  ['audit-ls', ['audit', 'ls']],
  ['rollout-watch', ['rollout', 'watch', 'rol_abcdefgh234567']],
  ['deploy-plan', ['deploy', 'anomaly', '--canary', '10%', '--dry-run']],
])('the output is as in the golden file: %s', async (name, words) => {
  const { code, out, err } = await cli(words, { env })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  await expect(out).toMatchFileSnapshot(`../../snapshots/tables/${name}.txt`)
})

test('alerts come worst first with the next step, and quiet output lists the unknown facts', async () => {
  const { code, out } = await cli(['alerts'], { env })
  expect(code).toBe(0)
  await expect(out).toMatchFileSnapshot('../../snapshots/tables/alerts.txt')
  expect(JSON.parse((await cli(['alerts', '--json'], { env })).out)).toEqual(hub.state.alerts)
  hub.state.alerts = { alerts: [], omitted: 0, unknownDevices: 2 }
  expect((await cli(['alerts'], { env })).out).toBe('no alerts, but the state of 2 devices is not known yet\n')
  hub.state.alerts = { ...hub.state.alerts, unknownDevices: 0 }
  expect((await cli(['alerts'], { env })).out).toBe('all quiet\n')
  const sinceMs = Date.now() - 10_000
  const newlySilent = { count: 1, first: Name.parse('press-1'), sinceMs, alertAtMs: sinceMs + 180_000 }
  hub.state.alerts = { ...hub.state.alerts, newlySilent }
  expect((await cli(['alerts'], { env })).out).toMatch(
    /^no alerts, but 1 device is silent for .* \(press-1\); an alert follows in /,
  )
})

test('the output of status is as in the golden file', async () => {
  const { code, out } = await cli(['status'], { env })
  expect(code).toBe(0)
  await expect(out.replace(hub.url, 'https://hub.example:8443')).toMatchFileSnapshot(
    '../../snapshots/tables/status.txt',
  )
})

test('only a terminal gets colours, and none with NO_COLOR', async () => {
  const colour = '\u001b['
  expect((await cli(['site', 'ls'], { env })).out).not.toContain(colour)
  expect((await cli(['site', 'ls'], { env, answers: [] })).out).toContain(colour)
  expect((await cli(['site', 'ls'], { env: { ...env, NO_COLOR: '1' }, answers: [] })).out).not.toContain(colour)
})

test('--json prints one document, and nothing else', async () => {
  const { out, err } = await cli(['site', 'ls', '--json'], { env })
  expect(err).toBe('')
  expect(JSON.parse(out)).toMatchObject([{ name: 'rotterdam', labels: { line: '4' } }])
})

test('a stream as JSON has one line for each event', async () => {
  const { code, out } = await cli(['rollout', 'watch', 'rol_abcdefgh234567', '--json'], { env })
  expect(code).toBe(0)
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events.map(({ status }) => status)).toEqual(['rolling', 'rolling', 'done'])
})

test('a watch at a terminal draws over its previous output', async () => {
  const { out } = await cli(['rollout', 'watch', 'rol_abcdefgh234567'], { env: { ...env, NO_COLOR: '1' }, answers: [] })
  expect(out.split('\u001b[J')).toHaveLength(3)
  expect(out).toContain('[########################] 100 %')
})

test('a watch ends at a pause with exit code 1 and the reason, or continues if the option says so', async () => {
  hub.state.watched = [rolloutOf(1), rolloutOf(1, { status: 'paused', reason: '1 failed, 0 allowed' }), rolloutOf(3)]
  const { code, err } = await cli(['rollout', 'watch', 'rol_abcdefgh234567'], { env })
  expect(code).toBe(1)
  await expect(err).toMatchFileSnapshot('../../snapshots/errors/rollout-paused.txt')
  expect((await cli(['rollout', 'watch', 'rol_abcdefgh234567', '--through-pauses'], { env })).code).toBe(0)
})

test('a rollout that waits for silent devices says so in the list and in each line of a watch', async () => {
  const silent = { count: 2, first: 'gateway-1' }
  hub.state.watched = [rolloutOf(1, { silent }), rolloutOf(3)]
  const words = 'waits for 2 silent devices: gateway-1 and 1 more'
  const { out } = await cli(['rollout', 'watch', 'rol_abcdefgh234567'], { env })
  const lines = out.trimEnd().split('\n')
  expect(lines[0]).toContain(`, ${words}`)
  expect(lines[1]).not.toContain('silent')
  const listed = await cli(['rollout', 'ls'], { env })
  expect(listed.out).toMatch(new RegExp(`anomaly +${words} +skerry deployment explain anomaly gateway-1\\n`))
  const shown = await cli(['rollout', 'show', 'rol_abcdefgh234567'], { env })
  expect(shown.out).toMatch(new RegExp(`silent +${words}\\nnext +skerry deployment explain anomaly gateway-1\\n`))
})

test('a watch of a failed rollout names its devices with their reasons, and the next commands', async () => {
  const failures = [
    { device: 'gateway-1', outcome: 'failed' as const, code: 'golden_mismatch', message: 'score differs by 0.5' },
    { device: 'gateway-2', outcome: 'timed-out' as const },
  ]
  hub.state.watched = [rolloutOf(1, { status: 'paused', reason: '2 failed, 0 allowed', failures })]
  const { code, err } = await cli(['rollout', 'watch', 'rol_abcdefgh234567'], { env })
  expect(code).toBe(1)
  await expect(err).toMatchFileSnapshot('../../snapshots/errors/rollout-failed.txt')
})

test.each([
  ['whose connection breaks', 'breaks' as const],
  ['whose hub stops in order', 'ends' as const],
])('a watch %s continues with the current state of the rollout', async (_, end) => {
  hub.state.watchEnds = [end]
  const { code, out, err } = await cli(['rollout', 'watch', 'rol_abcdefgh234567', '--json'], { env })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out.trimEnd().split('\n')).toHaveLength(4)
})

test('Ctrl-C ends a watch with exit code 130', async () => {
  hub.state.watchEnds = ['hangs']
  const controller = new AbortController()
  const words = ['rollout', 'watch', 'rol_abcdefgh234567', '--json']
  const { code, out } = await cli(words, { env, signal: controller.signal, onOutput: () => controller.abort() })
  expect({ code, events: out.trimEnd().split('\n').length }).toEqual({ code: 130, events: 1 })
})

test('only the secret goes to stdout', async () => {
  const { code, out, err } = await cli(['key', 'create', 'dashboard'], { env })
  expect({ code, out: out.trim().startsWith('sk_'), lines: out.split('\n').length }).toEqual({
    code: 0,
    out: true,
    lines: 2,
  })
  expect(err).toContain('shown only once')
})

test('labels are merged with the existing ones, against the revision that was read', async () => {
  const { out } = await cli(['device', 'label', 'gateway-1', 'shift=night', 'line-'], { env })
  expect(out).toBe('gateway-1: shift=night\n')
})

test('a destructive command asks first, and does nothing after a no', async () => {
  const no = await cli(['device', 'rm', 'gateway-1'], { env, answers: [''] })
  expect(no.code).toBe(1)
  expect(no.err).toContain('This will remove the device gateway-1. Continue? [y/N]')
  expect(hub.state.calls).toEqual([])

  const yes = await cli(['device', 'rm', 'gateway-1'], { env, answers: ['y'] })
  expect(yes.code).toBe(0)
  expect(hub.state.calls).toEqual(['device.remove gateway-1'])
})

test('a destructive command is rejected without a terminal, unless it has --yes', async () => {
  const refused = await cli(['rollout', 'abort', 'rol_abcdefgh234567', '--reason', 'wrong model'], { env })
  expect(refused.code).toBe(2)
  await expect(refused.err).toMatchFileSnapshot('../../snapshots/errors/confirmation-missing.txt')
  expect(hub.state.calls).toEqual([])

  const words = ['rollout', 'abort', 'rol_abcdefgh234567', '--reason', 'wrong model', '--yes']
  expect((await cli(words, { env })).code).toBe(0)
  expect(hub.state.calls).toEqual(['rollout.abort rol_abcdefgh234567 wrong model'])
})

test('a site is created once, and a second create does not replace it', async () => {
  const words = [
    'site',
    'create',
    'delft',
    '--kind',
    'edge',
    '--country',
    'NL',
    '--label',
    'line=1',
    '--coordinates',
    '52,4.36',
  ]
  expect((await cli(words, { env })).code).toBe(0)
  expect(hub.state.sites.get('delft')).toMatchObject({
    kind: 'edge',
    country: 'NL',
    labels: { line: '1' },
    coordinates: { latitude: 52, longitude: 4.36 },
    clearance: 'internal',
  })
  const again = await cli(words, { env })
  expect(again.code).toBe(1)
  expect(again.err).toContain('code: site_exists')
})

test('the command verifies the audit trail page by page, and names a changed record', async () => {
  const intact = await cli(['audit', 'verify'], { env })
  expect(intact).toMatchObject({
    code: 0,
    out: `the trail is unbroken: 3 records, the last with ${hub.state.audit[2]?.hash}\nsigned checkpoints prove it up to record 3\n`,
  })

  const [, second] = hub.state.audit
  if (second) second.object.id = 'site-9'
  const broken = await cli(['audit', 'verify'], { env })
  expect(broken.code).toBe(1)
  // The fake hub still reports that all is well.
  await expect(broken.err).toMatchFileSnapshot('../../snapshots/errors/audit-broken.txt')
})

test('login compares the fingerprint, and stores key and CA with permissions for their owner only', async () => {
  const home = await mkdtemp(join(folder.path, 'home-'))
  const own = { SKERRY_HOME: home }
  const wrong = await cli(['login', hub.url, '--key', OWNER_KEY, '--ca-fingerprint', 'ab'.repeat(32)], { env: own })
  expect(wrong.code).toBe(3)
  expect(wrong.err).toContain('code: fingerprint_mismatch')

  const alone = await cli(['login', hub.url, '--key', OWNER_KEY], { env: own })
  expect(alone.code).toBe(2)
  expect(alone.err).toContain('code: fingerprint_missing')
  await expect(stat(join(home, 'cli.json'))).rejects.toThrow('ENOENT')

  const colons = hub.caFingerprint.toUpperCase().match(/../g)?.join(':') ?? ''
  const { code, out } = await cli(['login', hub.url, '--key', OWNER_KEY, '--ca-fingerprint', colons], { env: own })
  expect({ code, out: out.split('\n')[0] }).toEqual({
    code: 0,
    out: `signed in to ${hub.url} as owner (owner of default)`,
  })
  expect((await stat(join(home, 'cli.json'))).mode & 0o777).toBe(0o600)
  expect(JSON.parse(await readFile(join(home, 'cli.json'), 'utf8'))).toEqual({
    v: 1,
    hub: hub.url,
    key: OWNER_KEY,
    caPem: hub.caPem,
    organisation: 'default',
  })

  expect((await cli(['site', 'ls'], { env: own })).code).toBe(0)
})

test('login asks a person for the key, and to compare the fingerprint', async () => {
  const own = { SKERRY_HOME: await mkdtemp(join(folder.path, 'home-')) }
  const no = await cli(['login', hub.url], { env: own, answers: ['n'] })
  expect(no.code).toBe(1)
  expect(no.err).toContain(hub.caFingerprint)
  const yes = await cli(['login', hub.url, '--key'], { env: own, answers: ['yes', ` ${OWNER_KEY} `] })
  expect(yes.code).toBe(0)
})

test('login shows the notice of the hub first, without control characters', async () => {
  const own = { SKERRY_HOME: await mkdtemp(join(folder.path, 'home-')) }
  hub.state.notice = 'For \u001b[2Jstaff only.\nAll use is recorded.\u202e'
  const { code, err } = await cli(['login', hub.url, '--key'], { env: own, answers: ['yes', ` ${OWNER_KEY} `] })
  delete hub.state.notice
  expect(code).toBe(0)
  expect(err).toContain('For [2Jstaff only.\nAll use is recorded.\n')
  expect(err).not.toContain('\u001b[2J')
  expect(err).not.toContain('\u202e')
})

test('a stored key is sent to no other hub', async () => {
  const own = { SKERRY_HOME: await mkdtemp(join(folder.path, 'home-')) }
  await cli(['login', hub.url, '--key', OWNER_KEY, '--ca-fingerprint', hub.caFingerprint], { env: own })
  const { code, err } = await cli(['site', 'ls'], { env: { ...own, SKERRY_HUB: 'https://elsewhere.example:8443' } })
  expect(code).toBe(4)
  expect(err).toContain('there is no key for https://elsewhere.example:8443')
})

test('the command names a damaged profile', async () => {
  const home = await mkdtemp(join(folder.path, 'home-'))
  await writeFile(join(home, 'cli.json'), '{"v":1')
  const { code, err } = await cli(['site', 'ls'], { env: { SKERRY_HOME: home } })
  expect(code).toBe(4)
  expect(err).toContain('cli.json is damaged')
})
