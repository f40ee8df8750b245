/** A hub of somebody who stole the TLS key and nothing else, and the real agent: the device connects, and obeys nothing. */
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandMessage } from '@skerry/contract/devices/device-command'
import { createAuthority } from '@skerry/platform/certificates/certificate-authority'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { type FakeHub, startFakeHub } from './stage/fake-hub.ts'
import { infer, timesFiles } from './stage/models.ts'

const WRITE = CommandMessage.parse({
  id: 'cmd_aaaaaaaaaaaa',
  kind: 'write-tag',
  expiresInMs: 30_000,
  source: 'press',
  tag: 'valve',
  value: 1,
})

const strangeRoots = async () =>
  (await createAuthority({ commonName: 'somebody else', nowMs: Date.now() })).certificatePem

/** Serves on the hub's port with its TLS key, and signs with a key of its own. */
const startThief = ({ url, identity }: FakeHub) =>
  startFakeHub({ port: Number(new URL(url).port), identity: { ...identity, signing: generateKeyPair() } })

test('the TLS key alone wipes no device, takes none over, writes no tag and stops no model; the hub itself still can', async () => {
  const hub = await startFakeHub()
  const data = await temporaryFolder()
  await using agent = startAgent(data, '--join', hub.token)
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  const identity = await readFile(join(data, 'identity.json'), 'utf8')
  await hub[Symbol.asyncDispose]()
  const thief = await startThief(hub)
  Object.assign(thief.answers, { wipe: true, roots: await strangeRoots(), command: WRITE, source: { name: 'theirs' } })
  thief.answers.certificateLifeMs = 60_000
  thief.desire()
  await agent.logged('condition_raised', ({ code }) => code === 'hub_unproved')
  await thief.reported('that it is not believed', ({ conditions }) =>
    conditions.some(({ code }) => code === 'hub_unproved'),
  )
  expect(thief).toMatchObject({ wipes: 0, renewals: 0, pages: 0, commandAnswers: [] })
  expect(await infer(await agent.rest())).toMatchObject({ value: 2 })
  expect(await readFile(join(data, 'identity.json'), 'utf8')).toBe(identity)
  await expect(access(join(data, 'wiped.json'))).rejects.toThrow()
  await thief[Symbol.asyncDispose]()

  await using again = await startFakeHub({ port: Number(new URL(hub.url).port), identity: hub.identity })
  await again.reported('that the hub is believed', ({ conditions }) =>
    conditions.every(({ code }) => code !== 'hub_unproved'),
  )
  expect(agent.lines.filter(({ event }) => event === 'authorities_taken')).toEqual([])
})

test('a computer that joins believes only the key that its token names', async () => {
  const hub = await startFakeHub()
  const { token } = hub
  await hub[Symbol.asyncDispose]()
  await using thief = await startThief(hub)
  thief.admit(token)
  const data = await temporaryFolder()
  await using agent = startAgent(data, '--join', token)
  expect(await agent.logged('join_waiting')).toMatchObject({ code: 'join_unproved' })
  await expect(access(join(data, 'identity.json'))).rejects.toThrow()
})

test('roots that do not verify the hub are not taken, though the hub signed them; a set with the right one is', async () => {
  await using hub = await startFakeHub()
  const data = await temporaryFolder()
  const strange = await strangeRoots()
  hub.answers.roots = strange
  await using agent = startAgent(data, '--join', hub.token)
  await hub.reported('the refusal', ({ conditions }) => conditions.some(({ code }) => code === 'authorities_refused'))
  const { ca } = JSON.parse(await readFile(join(data, 'identity.json'), 'utf8'))
  expect(ca).toBe(hub.identity.authority.certificatePem)
  hub.answers.roots = ca + strange
  hub.disconnect()
  await agent.logged('authorities_taken')
  await hub.reported('agreement', ({ conditions }) => conditions.every(({ code }) => code !== 'authorities_refused'))
  expect(JSON.parse(await readFile(join(data, 'identity.json'), 'utf8')).ca).toBe(ca + strange)
})
