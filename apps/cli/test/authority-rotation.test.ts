/**
 * Another authority signs, over a real hub and real agents, and the hub is killed all the while: agents learn of it, renew and come back by themselves; when
 * nobody shows the old one any more it is retired, and everybody is still there.
 * @module-tag deep Kills the hub three times; apps/hub/test/fleet/authorities and apps/agent/test/stolen-tls-key are quick.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AuthorityOverview } from '@skerry/contract/authorities/authority'
import { fingerprintOf, isIssuedBy } from '@skerry/platform/certificates/certificate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trustAuthority } from '../src/program/profile.ts'
import { type Fleet, type FleetAgent, openSharedFleet } from './stage/fleet.ts'
import { until } from './stage/service.ts'

let fleet: Fleet
let agents: FleetAgent[]
beforeAll(async () => {
  fleet = await openSharedFleet()
  agents = [await fleet.join('gateway-1'), await fleet.join('gateway-2')]
})
afterAll(() => fleet[Symbol.asyncDispose]())

const identityOf = async ({ data }: FleetAgent) =>
  JSON.parse(await readFile(join(data, 'identity.json'), 'utf8')) as { certificate: string; ca: string }

async function status(): Promise<AuthorityOverview> {
  const { code, out, err } = await fleet.cli(['certificate', 'status', '--json'])
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out) as AuthorityOverview
}

async function killHub(): Promise<void> {
  await fleet.hub.end('SIGKILL')
  await fleet.hub.start()
}

test('a fleet goes from one authority to the next while its hub is killed again and again', async () => {
  const rotated = await fleet.cli(['certificate', 'rotate', '--within', '1s', '--yes'])
  expect(rotated.code, rotated.err).toBe(0)
  // Before anybody heard of it, while they renew, and when some have.
  for (let kills = 0; kills < 2; kills++) await killHub()
  const next = (await status()).authorities.at(-1)
  expect(next).toMatchObject({ state: 'active', kind: 'own' })
  const moved = async () => {
    const { authorities } = await status()
    return authorities.find(({ id }) => id === 'first')?.devices === 0 ? authorities : undefined
  }
  expect(await until('all devices with a certificate of the new authority', moved)).toMatchObject([
    { id: 'first', state: 'trusted', devices: 0 },
    { state: 'active', devices: 2 },
  ])
  for (const agent of agents) {
    const { certificate, ca } = await identityOf(agent)
    expect(isIssuedBy(certificate, next?.chainPem ?? '')).toBe(true)
    expect(ca).toContain(next?.chainPem)
  }
  const retired = await fleet.cli(['certificate', 'retire', 'first', '--yes'])
  expect(retired.code, retired.err).toBe(0)
  await killHub()
  // People pin the next one now; devices know it already.
  await writeFile(fleet.hub.authorityPath, next?.chainPem ?? '')
  trustAuthority(next?.chainPem ?? '')
  expect((await status()).pinned.fingerprint).toBe(next?.fingerprint)
  for (const agent of agents) {
    await agent.end('SIGKILL')
    await agent.start()
    await agent.logged('link_up')
  }
  // And they forget the old one.
  const forgotten = async () => {
    const roots = await Promise.all(agents.map(async (agent) => (await identityOf(agent)).ca))
    return roots.every((ca) => ca === next?.chainPem) || undefined
  }
  await until('devices that trust the new one only', forgotten)
  expect(fingerprintOf((await identityOf(agents[0] as FleetAgent)).ca)).toBe(next?.fingerprint)
})
