/**
 * Access: the callers that the hub admits, and their permissions: tokens, revoked devices, and keys that may only read.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { allRows } from '@skerry/client/page'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { signBundle } from '@skerry/platform/signatures/sigstore-bundle'
import { layoutFiles } from '@skerry/testkit/images/image-archive'
import { tarOf } from '@skerry/testkit/images/tar'
import { deep } from '@skerry/testkit/tier'
import { sampleSwu } from '@skerry/testkit/updates/swu'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { commands } from '../src/program/command-list.ts'
import { agentPackage } from './stage/agent-package.ts'
import { askAnomaly, deploy, FILES, MODEL, pushBuild } from './stage/anomaly.ts'
import { type Fleet, type FleetAgent, openSharedFleet, tellLogsOnFailure } from './stage/fleet.ts'
import { READERS } from './stage/reading-commands.ts'
import { until } from './stage/service.ts'

const SITE = 'lab'
const V1 = { version: 1, build: 'v1' }

let fleet: Fleet
let agent: FleetAgent

beforeAll(async () => {
  fleet = await openSharedFleet()
  agent = await fleet.join('gateway-1', SITE)
  await pushBuild(fleet, 'v1')
  await deploy(fleet, 1)
  await fleet.item('gateway-1', ({ state }) => state === 'active')
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

/**
 * If the hub does not admit an agent, the agent reports the reason in words and by its exit code. It does not continue
 * without an identity.
 */
async function expectRefused(name: string, token: string): Promise<void> {
  const stranger = await fleet.newAgent(name, token)
  stranger.launch()
  expect(await stranger.ended()).toBe(2)
  expect(stranger.words()).toMatch(/^skerry agent: .*join token.*\(token_refused\)$/m)
  await expect(fleet.device(name)).rejects.toMatchObject({ code: 'device_unknown' })
}

test(
  'a token that has reached its number of uses lets no other device join',
  deep('a variant of the token that was revoked'),
  async () => {
    const { token } = await fleet.hub.client.token.create({ site: SITE, usesMax: 1 })
    const first = await fleet.newAgent('first', token)
    await first.start()
    await first.logged('joined')
    await expectRefused('second', token)
    expect(first.isRunning()).toBe(true)
    await first.end('SIGTERM')
  },
)

test('an expired token lets no device join', deep('a variant of the token that was revoked'), async () => {
  const { token, record } = await fleet.hub.client.token.create({ site: SITE })
  // The shortest life is a minute, so the test moves the end instead of waiting for it.
  const database = new DatabaseSync(join(fleet.hub.data, 'hub.sqlite'), { timeout: 5_000 })
  const { changes } = database.prepare('UPDATE join_tokens SET expires_at_ms = 1 WHERE id = ?').run(record.id)
  database.close()
  expect(changes).toBe(1)
  await expectRefused('late', token)
})

test('a revoked token lets no device join', async () => {
  const { token, record } = await fleet.hub.client.token.create({ site: SITE })
  expect(await fleet.cli(['device', 'token', 'revoke', record.id, '--yes'])).toMatchObject({ code: 0 })
  await expectRefused('refused', token)
})

test('a viewer key is rejected by every command that changes something, with exit code 4, and changes nothing', async () => {
  const { secret, key } = await fleet.hub.client.key.create({ name: 'dashboard', role: 'viewer' })
  const { record } = await fleet.hub.client.token.create({ site: SITE })
  const changed = await fleet.cli(['deploy', `${MODEL}:1`, '--to', 'device.name != "other"'])
  expect(changed, changed.err).toMatchObject({ code: 0 })
  const manifest = join(fleet.folder, 'site.yaml')
  await writeFile(manifest, 'apiVersion: skerry/v1\nkind: Site\nmetadata: { name: other }\nspec: { kind: edge }\n')
  const because = ['--reason', 'why not']
  const monitors = join(fleet.folder, 'monitors.yaml')
  await writeFile(monitors, `model: ${MODEL}\n`)
  const source = join(import.meta.dirname, '../../../examples/sources/pump-simulator.yaml')
  expect(await fleet.cli(['source', 'add', source])).toMatchObject({ code: 0 })
  const tags = join(fleet.folder, 'tags.csv')
  await writeFile(tags, (await fleet.cli(['tag', 'export', '--source', 'pump-1'])).out)
  const sink = join(import.meta.dirname, '../../../examples/sinks/plant-database.yaml')
  expect(await fleet.cli(['sink', 'set', sink])).toMatchObject({ code: 0 })
  const flow = join(import.meta.dirname, '../../../examples/flows/pump-vibration/flow.yaml')
  const campaign = join(import.meta.dirname, '../../../examples/federated/campaign.yaml')
  const survey = join(import.meta.dirname, '../../../examples/federated/survey.yaml')
  const image = join(fleet.folder, 'web.tar')
  await writeFile(image, tarOf(layoutFiles([{ name: 'web:1', layers: ['one'] }])))
  const agentTar = join(fleet.folder, 'agent.tar')
  await writeFile(agentTar, agentPackage())
  const swu = join(fleet.folder, 'image.swu')
  await writeFile(swu, sampleSwu())
  const limits = join(fleet.folder, 'limits')
  await mkdir(limits)
  await writeFile(join(limits, 'line-4.csv'), 'pressure,9\n')
  const compose = join(fleet.folder, 'compose.yaml')
  await writeFile(compose, 'services: { web: { image: "web:1" } }\n')
  const system = join(fleet.folder, 'system.yaml')
  const parts = `[{ name: ${MODEL}, version: 1 }]`
  await writeFile(
    system,
    `apiVersion: skerry/v1\nkind: SystemRelease\nmetadata: { name: line }\nspec: { parts: ${parts} }\n`,
  )
  const result = join(fleet.folder, 'test-result.sig')
  await writeFile(result, JSON.stringify(signBundle(Buffer.from('{}'), generateKeyPair().privateKeyPem)))
  const importable = join(fleet.folder, 'importable')
  await mkdir(join(importable, 'onnx'), { recursive: true })
  await writeFile(join(importable, 'config.json'), '{}')
  await copyFile(FILES.v2, join(importable, 'onnx/model.onnx'))
  const osv = join(fleet.folder, 'osv.json')
  await writeFile(osv, '{"id":"CVE-2026-1","modified":"2026-01-01T00:00:00Z"}')
  const bom = join(fleet.folder, 'bom.json')
  await writeFile(bom, '{"bomFormat":"CycloneDX","specVersion":"1.6"}')
  const route = await fleet.cli(['route', 'create', 'dose', '--model', MODEL])
  expect(route, route.err).toMatchObject({ code: 0 })
  const group = await fleet.cli(['group', 'set', 'pumps', '--selector', 'device.online'])
  expect(group, group.err).toMatchObject({ code: 0 })
  const settings = await fleet.cli(['settings', 'set', 'organisation', '--set', 'log-level=info'])
  expect(settings, settings.err).toMatchObject({ code: 0 })
  const pairOptions = [
    ...['--members', 'gateway-1,gateway-2', '--witness', 'gateway-3'],
    ...['--address', '10.0.0.50/24', '--interface', 'eth0', '--yes'],
  ]
  const writes: Record<string, readonly string[]> = {
    'site create': ['other', '--kind', 'edge'],
    'site rm': [SITE, '--yes'],
    'device token create': ['--site', SITE],
    'device install-command': ['--site', SITE],
    'device token revoke': [record.id, '--yes'],
    'device approve': ['gateway-1'],
    'device deny': ['gateway-1', ...because],
    'device preauthorise': ['--serial', 'SN-1', '--site', SITE],
    'device preauthorised rm': ['exp_abcdefgh234567'],
    'device rules': ['--approval', 'always'],
    'device label': ['gateway-1', 'line=4'],
    'device retry': ['gateway-1', MODEL],
    'device resume': ['gateway-1', ...because],
    'device quarantine': ['gateway-1', ...because],
    'device release': ['gateway-1', ...because],
    'device wipe': ['gateway-1', ...because, '--yes'],
    'device revoke': ['gateway-1', ...because, '--yes'],
    'device ddi add': ['gate-1', '--site', SITE],
    'device ddi token': ['gateway-1', '--yes'],
    'device rm': ['gateway-1', '--yes'],
    'model push': [FILES.v2, '--name', MODEL],
    'model split': [`${MODEL}:1`],
    'flow push': [flow],
    'agent push': [agentTar],
    'os push': ['gateway-os', swu],
    'data push': ['limits', limits],
    'system push': [system],
    'app push': ['dash', '--compose', compose, '--image', image],
    'model alias': [`${MODEL}:1`, 'champion'],
    'model rm': [MODEL, '--yes'],
    deploy: [`${MODEL}:1`, '--canary', '1'],
    apply: ['-f', manifest],
    'deployment rm': [MODEL, '--yes'],
    // The preview, which a viewer may see, needs an earlier revision that differs.
    'deployment rollback': [MODEL, '--to', '1', '--yes'],
    'rollout pause': [MODEL, ...because],
    'rollout resume': [MODEL, ...because],
    'rollout approve': [MODEL, ...because],
    'rollout retry': [MODEL, ...because],
    'rollout abort': [MODEL, ...because, '--yes'],
    'rollout rollback': [MODEL, ...because, '--yes'],
    'device logs': ['gateway-1'],
    'app logs': ['gateway-1', 'dashboard'],
    shell: ['gateway-1'],
    tunnel: ['gateway-1', '8080:0'],
    logs: ['gateway-1', '--follow'],
    cp: ['gateway-1:/var/log/syslog', 'none.log'],
    'access request': ['gateway-1', '--kind', 'shell', ...because],
    'access revoke': ['gateway-1', 'gra_abcdefgh234567', ...because],
    'access ls': [],
    'access sessions': [],
    'access recording': ['gateway-1', 'acs_abcdefgh234567', '--to', 'none.cast'],
    'access watch': ['gateway-1', 'acs_abcdefgh234567'],
    'access stop': ['gateway-1', 'acs_abcdefgh234567', ...because],
    'batch create': ['run-diagnostics', '--to', 'true'],
    'batch sign': [BATCH],
    'batch send': [BATCH],
    'batch retry-failed': [BATCH],
    'batch cancel': [BATCH, ...because, '--yes'],
    health: [],
    simulate: ['--devices', '1'],
    'certificate status': [],
    'certificate request': [],
    'certificate import': [manifest, '--authority', 'first'],
    'certificate rotate': ['--yes'],
    'certificate retire': ['first', '--yes'],
    'certificate cancel': ['first'],
    'signing-key add': ['vendor', manifest],
    'signing-key rotate': ['--yes'],
    'signing-key retire': ['hub'],
    'signing-key revoke': ['hub', ...because, '--yes'],
    'trust set': ['--yes'],
    'model sign': [MODEL],
    'model attest': [MODEL, result],
    'model import': [importable],
    'test-rule set': ['--yes'],
    'model optimise': [MODEL],
    'model bench': [MODEL, '--devices', 'true'],
    'model calibrate': [MODEL, '--devices', 'true'],
    'optimisation cancel': ['opt_abcdefgh234567'],
    'monitor set': [MODEL],
    'monitor rm': [MODEL, '--yes'],
    'monitor apply': ['-f', monitors],
    'monitor mute': [MODEL, '--for', '1h', ...because],
    'monitor unmute': [MODEL],
    'monitor release': [MODEL, 'line-3', ...because],
    'monitor baseline': [MODEL],
    'vulnerability import': [osv],
    'vulnerability parts': [`${MODEL}:1`, bom],
    'vulnerability accept': ['CVE-2026-1', '--for', '1d', ...because],
    'vulnerability withdraw': ['CVE-2026-1'],
    'vulnerability set-rules': ['--yes'],
    'alerts ack': ['sources_down'],
    'alerts shelve': ['sources_down', '--for', '1h', ...because],
    'alerts unshelve': ['sources_down'],
    'group set': ['pumps', '--selector', 'true'],
    'group rm': ['pumps', '--yes'],
    'settings set': ['organisation', '--set', 'log-level=debug'],
    'settings rm': ['organisation', '--yes'],
    'route create': ['dose', '--model', MODEL],
    'git-source sync': ['fleet'],
    'git-source pause': ['fleet', ...because],
    'git-source webhook': ['fleet'],
    'git-source rm': ['fleet', '--yes'],
    'pair create': ['press-line', ...pairOptions],
    'pair switch': ['press-line', 'gateway-1', '--yes'],
    'pair rm': ['press-line', '--yes'],
    'model-feed sync': ['anomaly'],
    'model-feed pause': ['anomaly', ...because],
    'model-feed resume': ['anomaly'],
    'model-feed rm': ['anomaly', '--yes'],
    'route edit': ['dose'],
    'route rm': ['dose', '--yes'],
    'campaign create': [campaign],
    'campaign pause': ['ward', ...because],
    'campaign resume': ['ward'],
    'campaign stop': ['ward', ...because, '--yes'],
    'campaign publish': ['ward', '--round', '1'],
    'survey create': [survey],
    'survey stop': ['motors', ...because, '--yes'],
    'learn start': ['normal', '--device', 'gateway-1', '--source', 'pump', '--tag', 'pressure'],
    'learn cancel': ['normal', ...because, '--yes'],
    'learn fleet start': ['normal', '--to', 'true', '--source', 'pump', '--tag', 'pressure'],
    'learn fleet cancel': ['normal', ...because, '--yes'],
    'learn fleet undo': ['normal', ...because, '--yes'],
    'learn normal': ['normal', '--from', '2h', '--to', '1h', ...because],
    'learn leave-out': ['normal', '--from', '2h', '--to', '1h', ...because],
    'learn unmark': ['normal', 'lmk_abcdefgh234567'],
    'capture set': [MODEL, '--sample', '1', '--purpose', 'a test'],
    'capture rm': [MODEL, '--yes'],
    'capture rows': [MODEL, '--device', 'gateway-1'],
    'capture label': [MODEL, '--request', 'a', '--label', 'b'],
    'capture export': [MODEL],
    'capture erase': ['somebody', '--yes'],
    'build rm': ['bld_abcdefgh234567', '--yes'],
    'secret set': ['plc', '--from-file', manifest],
    'secret ls': [],
    'secret show': ['plc'],
    'secret rm': ['plc', '--yes'],
    'secret rekey': [],
    'source add': [source, '--site', SITE],
    'source set': [source],
    'tag import': [tags, '--source', 'pump-1', '--yes'],
    'source rm': ['pump-1', '--yes'],
    'source browse': ['press-7', '--device', 'gateway-1'],
    'source test': [source, '--device', 'gateway-1'],
    'source restart': ['press-7', '--device', 'gateway-1', ...because, '--yes'],
    'sink add': [sink, '--site', SITE],
    'sink set': [sink],
    'sink rm': ['plant-database', '--yes'],
    'sink test': [sink, '--device', 'gateway-1'],
    'source write': ['press-7', 'setpoint', '1', '--device', 'gateway-1', ...because, '--yes'],
    'market catalogue add': ['plant', '--key', 'hub'],
    'market catalogue create': ['plant'],
    'market catalogue refresh': ['plant'],
    'market catalogue rm': ['plant', '--yes'],
    'market rate': ['plant/pump-watch', '--stars', '4'],
    'market entitlement emergency': ['pump-watch', '--device', 'press-7', ...because],
    'market review comment': [SUBMISSION, 'why the port?'],
    'market review accept': [SUBMISSION],
    'market review yank': ['pump-watch@1.0.0', '--catalogue', 'ours', ...because],
    'market review reject': [SUBMISSION, ...because],
    'market review withdraw': [SUBMISSION, ...because],
    'market uninstall': ['pump-watch', '--yes'],
    'audit sign': [],
    'audit retention': ['--keep-days', '999'],
    'audit syslog': ['--to', 'siem.example'],
    'intrusion ls': [],
    'intrusion show': [FINDING],
    'intrusion dismiss': [FINDING, ...because],
    'intrusion undo': [FINDING, ...because],
    'intrusion rules': [],
    'intrusion set': ['mass_change', '--threshold', '9'],
    'intrusion webhook set': ['https://soc.example/'],
    'intrusion webhook show': [],
    'intrusion webhook rm': ['--yes'],
    'intrusion webhook test': [],
    'role create': ['other', '--permission', 'fleet.read'],
    'role edit': ['viewer', '--everywhere'],
    'role rm': ['viewer', '--yes'],
    'role ls': [],
    'role show': ['viewer'],
    'approval ls': [],
    'approval show': [REQUEST],
    'approval approve': [REQUEST, ...because],
    'approval deny': [REQUEST, ...because],
    'approval rules': ['--production-none'],
    'user invite': ['--role', 'viewer'],
    'user ls': [],
    'user show': [PERSON],
    'user set-role': [PERSON, 'owner'],
    'user rm': [PERSON, '--yes'],
    'user invitations': [],
    'user uninvite': [INVITATION],
    'user sessions': [PERSON],
    'user end-session': [PERSON, SESSION],
    'user rules': ['--second-factor-for-nobody'],
    'org create': ['other'],
    'org ls': [],
    'org show': ['other'],
    'org invite': ['other'],
    'org use': [],
    'org set-quota': ['other', '--devices', '5'],
    'org disable': ['other', ...because, '--yes'],
    'org enable': ['other', ...because],
    'org rm': ['other', ...because, '--confirm', 'other'],
    'key create': ['other'],
    'key ls': [],
    'key revoke': [key.id, '--yes'],
  }
  const known = commands.map(({ name }) => name).filter((name) => !READERS.includes(name))
  expect(Object.keys(writes).toSorted()).toEqual(known.toSorted())
  for (const [name, words] of Object.entries(writes)) {
    const refused = { code: 4, out: '', err: expect.stringContaining('code: permission_denied') }
    expect(await fleet.cli([...name.split(' '), ...words], secret), name).toEqual(refused)
  }
  expect(await fleet.cli(['device', 'ls'], secret)).toMatchObject({
    code: 0,
    out: expect.stringContaining('gateway-1'),
  })
  const records = await allRows((page) => fleet.hub.client.audit.list(page))
  const mine = records.filter(({ actor }) => actor.name === 'dashboard')
  expect(mine.length).toBeGreaterThan(15)
  expect([...new Set(mine.map(({ result }) => result))]).toEqual(['permission_denied'])
})

const BATCH = 'bat_abcdefgh234567'
const FINDING = 'int_abcdefgh234567'
const SUBMISSION = 'sub_abcdefgh234567'
const REQUEST = 'apr_abcdefgh234567'
const PERSON = 'usr_abcdefgh234567'
const INVITATION = 'inv_abcdefgh234567'
const SESSION = 'ses_abcdefgh234567'

test('a revoked device that sends nothing loses its open link, and continues to predict', async () => {
  const before = agent.lines().length
  const since = () => agent.lines().slice(before)
  const revoked = await fleet.cli(['device', 'revoke', 'gateway-1', '--reason', 'stolen', '--yes'])
  expect(revoked).toMatchObject({ code: 0, err: '' })
  await agent.logged('link_down')
  expect(since().find(({ event }) => event.startsWith('link_'))).toMatchObject({
    event: 'link_down',
    code: 'device_revoked',
  })
  await agent.logged('condition_raised', ({ code }) => code === 'device_revoked')
  expect(await until('an answer', () => askAnomaly(agent.url))).toEqual(V1)
  expect(await fleet.device('gateway-1')).toMatchObject({ status: 'revoked' })

  await agent.end('SIGKILL')
  await agent.start()
  await agent.logged('condition_raised', ({ code }) => code === 'device_revoked')
  expect(await until('an answer', () => askAnomaly(agent.url))).toEqual(V1)
})
