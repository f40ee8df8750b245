/**
 * The procedure of docs/security/key-compromise.md, step by step, over a real hub and a real device: while it is carried out the device serves. And rules of
 * trust that come between what was deployed and a device that was away: the device itself refuses.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { deep, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { askAnomaly, deploy, MODEL, pushBuild } from './stage/anomaly.ts'
import { type Fleet, type FleetAgent, openSharedFleet, tellLogsOnFailure } from './stage/fleet.ts'
import { until } from './stage/service.ts'

let fleet: Fleet
let agent: FleetAgent

beforeAll(async () => {
  fleet = await openSharedFleet()
  agent = await fleet.join('gateway-1')
  await pushBuild(fleet, 'v1')
  await deploy(fleet, 1)
  await fleet.item('gateway-1', ({ state }) => state === 'active')
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

async function command(...words: string[]): Promise<string> {
  const { code, out, err } = await fleet.cli(words)
  expect(code, err).toBe(0)
  return out
}

const isActive = (version: number) =>
  fleet.item('gateway-1', ({ state, target }) => state === 'active' && target.version === version)

test(
  'a key that was stolen is rotated, revoked, and what is known to be good is signed anew, while the device serves',
  strict('the first of a sequence that both tiers need'),
  async () => {
    await command('signing-key', 'rotate', '--yes')
    await agent.logged('trust_taken')
    await pushBuild(fleet, 'v2')
    expect(await command('model', 'trust', `${MODEL}:2`)).toMatch(/hub-2 +active/)
    await deploy(fleet, 2)
    await isActive(2)

    await command('signing-key', 'revoke', 'hub', '--reason', 'the backup of the hub was stolen', '--yes')
    await agent.logged('trust_taken', ({ keys }) => keys === 2)
    const refused = await fleet.cli(['deploy', `${MODEL}:1`])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('code: version_untrusted') })
    expect(refused.err).toContain('revoked')
    expect(await command('model', 'trust', `${MODEL}:1`)).toMatch(/signature_revoked/)
    await command('model', 'sign', `${MODEL}:1`)
    await deploy(fleet, 1)
    await isActive(1)
    expect(await askAnomaly(agent.url)).toEqual({ version: 1, build: 'v1' })
    expect(await command('audit', 'ls', '--action', 'signingKey.revoke')).toContain('owner')
  },
)

test(
  'what serves goes on after its key was revoked, also through a kill and without the hub',
  deep('a variant with a kill; the test above revokes a key, too'),
  async () => {
    await command('signing-key', 'rotate', '--yes')
    await command('signing-key', 'revoke', 'hub-2', '--reason', 'for the test', '--yes')
    await agent.logged('trust_taken', ({ keys }) => keys === 3)
    await fleet.hub.end()
    await agent.end()
    await agent.start()
    // Its server is up before its models are loaded.
    const answer = await until('an answer', () => askAnomaly(agent.url).catch(() => undefined))
    expect(answer).toEqual({ version: 1, build: 'v1' })
    await fleet.hub.start()
  },
)

test(
  'a device that comes back after new rules hears of them before it looks at what was deployed, and refuses it until who must has signed',
  deep('a second journey; apps/hub/test/operate/trust.test.ts sets rules of signatures'),
  async () => {
    await command('model', 'sign', `${MODEL}:2`)
    await agent.end()
    await deploy(fleet, 2)
    const pair = generateKeyPair()
    const path = (name: string) => join(fleet.folder, name)
    await writeFile(path('vendor.pub'), pair.publicKeyPem)
    await writeFile(path('vendor.pem'), pair.privateKeyPem)
    await command('signing-key', 'add', 'vendor', path('vendor.pub'))
    await command('trust', 'set', '--rule', `${MODEL}*=vendor`, '--yes')
    expect(await command('trust', 'show')).toMatch(/anomaly\* +1 +vendor/)
    await agent.start()
    await fleet.item('gateway-1', ({ target, cause }) => target.version === 2 && cause?.code === 'signature_policy')
    expect(await until('an answer', () => askAnomaly(agent.url).catch(() => undefined))).toEqual({
      version: 1,
      build: 'v1',
    })

    await command('model', 'pull', `${MODEL}:2`, '--output', path('pulled'))
    const signature = path('vendor.sig')
    await command(
      'signing-key',
      'sign',
      join(path('pulled'), 'model.onnx'),
      '--key',
      path('vendor.pem'),
      '-o',
      signature,
    )
    await command('model', 'sign', `${MODEL}:2`, '--signature', signature)
    await command('device', 'retry', 'gateway-1', MODEL)
    await isActive(2)
    // The device keeps what it was told, and no private key has come near it.
    expect(await readFile(join(agent.data, 'trust.json'), 'utf8')).toContain('application/vnd.skerry.trust+json')
  },
)
