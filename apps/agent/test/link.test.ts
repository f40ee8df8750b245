import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { startAgent, temporaryFolder } from './stage/agent-process.ts'
import { createFakeIdentity, startFakeHub } from './stage/fake-hub.ts'
import { infer, timesFiles } from './stage/models.ts'

const YEAR_MS = 365 * 86_400_000

test('the agent creates its private key before any request to the hub, readable by its owner only', async () => {
  await using hub = await startFakeHub()
  const data = await temporaryFolder()
  await using agent = startAgent(data, '--join', hub.token)
  await agent.logged('agent_ready')
  for (const name of ['device-key.pem', 'identity.json']) {
    expect((await stat(join(data, name))).mode & 0o777, name).toBe(0o600)
  }
  expect(await readFile(join(data, 'identity.json'), 'utf8')).not.toContain('PRIVATE KEY')
})

test(
  'a join that is cut at any point is repeated with the same key, and needs no new token',
  deep('a variant of joining; a cut is a kill at one place'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    hub.answers.join = 'drop'
    const first = startAgent(data, '--join', hub.token)
    await first.logged('join_waiting')
    await first.kill()
    const key = await readFile(join(data, 'device-key.pem'), 'utf8')
    delete hub.answers.join
    await using second = startAgent(data)
    await second.logged('joined')
    expect(await readFile(join(data, 'device-key.pem'), 'utf8')).toBe(key)
    await hub.reported('the first report', () => true)
  },
)

test('waits for approval, and becomes a device when a person approves it', async () => {
  await using hub = await startFakeHub()
  hub.answers.join = 'pending'
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  expect(await agent.logged('join_waiting')).toMatchObject({
    code: 'join_pending',
    // The text that a person compares. --show-key prints the same.
    message: expect.stringMatching(/skerry device approve \S+ --key [0-9a-f]{64}"$/),
  })
  delete hub.answers.join
  await agent.logged('joined')
})

test('a token in a file appears in no process list; once the device has joined, the file may be deleted', async () => {
  await using hub = await startFakeHub()
  const data = await temporaryFolder()
  const file = join(await temporaryFolder(), 'join-token')
  await writeFile(file, `${hub.token}\n`, { mode: 0o600 })
  await using agent = startAgent(data, '--join-file', file)
  await agent.logged('link_up')
  expect(await readFile(`/proc/${agent.child.pid}/cmdline`, 'utf8')).not.toContain('skj_')
  await agent.kill()
  await rm(file)
  await using again = startAgent(data, '--join-file', file)
  await again.logged('link_up')
  expect(again.lines.some(({ event }) => event === 'joined')).toBe(false)
})

test.each([
  ['a token that the hub refuses', 'refused', /token_refused/],
  ['a token that is not whole', 'cut', /copy it again/],
  ['a hub of another authority', 'stranger', /certificate_refused/],
  ['no token at all', 'none', /start it once with --join/],
])('%s ends the agent with a message that says what to do', async (_, how, words) => {
  await using hub = await startFakeHub()
  await using stranger = await startFakeHub()
  if (how === 'refused') hub.answers.join = 'refused'
  const content = JSON.parse(Buffer.from(hub.token.slice(4), 'base64url').toString())
  const forged = `skj_${Buffer.from(JSON.stringify({ ...content, hub: stranger.url })).toString('base64url')}`
  const token = { refused: hub.token, cut: hub.token.slice(0, 40), stranger: forged }[how]
  const agent = startAgent(await temporaryFolder(), ...(token ? ['--join', token] : []))
  expect(await agent.ended).toBe(2)
  expect(agent.words()).toMatch(words)
})

test('an agent that is stopped says goodbye to the hub first, and a killed one cannot', async () => {
  await using hub = await startFakeHub()
  const data = await temporaryFolder()
  const first = startAgent(data, '--join', hub.token)
  await hub.reported('the first report', () => true)
  await first.kill('SIGTERM')
  expect(hub.goodbyes).toBe(1)
  const second = startAgent(data)
  await second.logged('link_up')
  await second.kill('SIGKILL')
  expect(hub.goodbyes).toBe(1)
})

test('a lower generation, and an equal one with other content, are rejected and reported; a higher one is followed', async () => {
  await using hub = await startFakeHub()
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  const [one, two] = [2, 3].map((factor) => hub.publish({ version: factor, files: timesFiles(factor) }))
  if (!one || !two) throw new Error('nothing was published')
  const older = hub.desire(two)
  const followed = hub.desire(one)
  await hub.item('m', ({ state, target }) => state === 'active' && target.version === 2)
  for (const document of [older, { ...followed, items: older.items, digest: older.digest }]) {
    hub.offer(document)
    const report = await hub.reported('the refusal', ({ conditions }) =>
      conditions.some(({ code }) => code === 'generation_refused'),
    )
    expect(report).toMatchObject({ observedGeneration: 2, observedDigest: followed.digest })
    hub.offer(followed)
    await hub.reported('agreement', ({ conditions }) => conditions.length === 0)
  }
  hub.offer({ ...older, generation: 9 })
  await hub.item('m', ({ state, target }) => state === 'active' && target.version === 3)
  expect(await infer(await agent.rest())).toMatchObject({ value: 3 })
})

test('a clock that is wrong by years is reported, and the serving version goes on', async () => {
  await using hub = await startFakeHub()
  hub.answers.clockAheadMs = 10 * YEAR_MS
  await using agent = startAgent(await temporaryFolder(), '--join', hub.token)
  hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
  await hub.item('m', ({ state }) => state === 'active')
  await hub.reported('the clock', ({ conditions }) => conditions.some(({ code }) => code === 'clock_wrong'))
  expect(await infer(await agent.rest())).toMatchObject({ value: 2 })
})

test(
  'a hub certificate outside its validity is reported as a problem of clocks, and the serving version goes on',
  deep('a variant of the wrong clock, with certificates of all ages'),
  async () => {
    const data = await temporaryFolder()
    const identity = await createFakeIdentity()
    const hub = await startFakeHub({ identity })
    const port = Number(new URL(hub.url).port)
    await using agent = startAgent(data, '--join', hub.token)
    hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
    await hub.item('m', ({ state }) => state === 'active')
    await hub[Symbol.asyncDispose]()
    for (const [years, code] of [
      [5, 'clock_wrong'],
      [-5, 'hub_certificate_refused'],
    ] as const) {
      const server = await identity.serverAt(Date.now() + years * YEAR_MS)
      await using other = await startFakeHub({ port, identity: { ...identity, server } })
      expect(await agent.logged('condition_raised', (line) => line.code === code)).toBeDefined()
      expect(await infer(await agent.rest()), other.url).toMatchObject({ value: 2 })
    }
  },
)

test('a certificate is renewed at two thirds of its life, with the same key, and used at once', async () => {
  await using hub = await startFakeHub()
  // It is valid from an hour before its creation: so two thirds of its life have passed at once.
  hub.answers.certificateLifeMs = 60_000
  hub.answers.nextReportMs = 1_000
  const data = await temporaryFolder()
  await using agent = startAgent(data, '--join', hub.token)
  await hub.reported('the first report', () => true)
  const first = JSON.parse(await readFile(join(data, 'identity.json'), 'utf8'))
  delete hub.answers.certificateLifeMs
  await agent.logged('certificate_renewed')
  const second = JSON.parse(await readFile(join(data, 'identity.json'), 'utf8'))
  expect(second).toEqual({ ...first, certificate: expect.not.stringContaining(first.certificate) })
  const count = hub.reports.length
  await hub.reported('a report with the new certificate', () => hub.reports.length > count)
})

test(
  'a certificate that the hub rejects is reported, and the device serves; joining again with a new token repairs it',
  deep('a second journey through joining; the refusal itself is quick elsewhere'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const first = startAgent(data, '--join', hub.token)
    hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
    await hub.item('m', ({ state }) => state === 'active')
    hub.answers.link = 'refused'
    hub.disconnect()
    expect(await first.logged('condition_raised')).toMatchObject({ code: 'certificate_refused' })
    expect(await infer(await first.rest())).toMatchObject({ value: 2 })
    await first.kill('SIGTERM')
    delete hub.answers.link
    const joins = hub.joins
    await using second = startAgent(data, '--join', hub.newToken())
    await second.logged('joined')
    expect(hub.joins).toBe(joins + 1)
    const rest = await second.rest()
    await expect.poll(() => infer(rest)).toMatchObject({ value: 2 })
  },
)

test(
  'without any hub, the version from before the reboot serves at once',
  deep('apps/cli/test/outages shows it with a real hub'),
  async () => {
    const hub = await startFakeHub()
    const data = await temporaryFolder()
    const first = startAgent(data, '--join', hub.token)
    hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
    await hub.item('m', ({ state }) => state === 'active')
    await first.kill()
    await hub[Symbol.asyncDispose]()
    await using second = startAgent(data)
    const rest = await second.rest()
    await expect.poll(() => infer(rest).catch(() => undefined)).toMatchObject({ value: 2 })
    expect(await second.logged('link_down')).toBeDefined()
  },
)

test(
  'an identity that the disk has damaged stops no prediction',
  deep('a variant of a start without a hub'),
  async () => {
    await using hub = await startFakeHub()
    const data = await temporaryFolder()
    const first = startAgent(data, '--join', hub.token)
    hub.desire(hub.publish({ version: 1, files: timesFiles(2) }))
    await hub.item('m', ({ state }) => state === 'active')
    await first.kill()
    await writeFile(join(data, 'identity.json'), '{"v":1')
    await using second = startAgent(data)
    expect(await second.logged('condition_raised')).toMatchObject({ code: 'identity_damaged' })
    const rest = await second.rest()
    await expect.poll(() => infer(rest).catch(() => undefined)).toMatchObject({ value: 2 })
  },
)

test('a data folder can be used by one agent at a time', async () => {
  await using hub = await startFakeHub()
  const data = await temporaryFolder()
  await using first = startAgent(data, '--join', hub.token)
  await first.logged('agent_ready')
  const second = startAgent(data)
  expect(await second.ended).toBe(2)
  expect(second.words()).toMatch(
    /^skerry agent: another agent runs with .*--data, --listen and --grpc \(folder_in_use\)$/m,
  )
  const third = startAgent(join(data, 'lock.sqlite'))
  expect(await third.ended).toBe(2)
  expect(third.words()).toMatch(/^skerry agent: cannot use .*--data \(folder_unusable\)\n$/)
})
