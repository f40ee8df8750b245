/**
 * Secrets, from a command line to the file that an application reads, through real processes. The test checks that they
 * are nowhere else.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { filesBelow } from '@skerry/testkit/files-below'
import { deep, strict } from '@skerry/testkit/tier'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Fleet, type FleetAgent, openSharedFleet, tellLogsOnFailure } from './stage/fleet.ts'
import { skerry } from './stage/processes.ts'
import { type Service, until } from './stage/service.ts'

let fleet: Fleet
let agent: FleetAgent
/** The folder is in memory if such a file system exists, as it should be. */
let folder: string
let token: string

beforeAll(async () => {
  fleet = await openSharedFleet(['--log-level', 'debug'])
  folder = await mkdtemp(join((await isThere('/dev/shm')) ? '/dev/shm' : tmpdir(), 'skerry-secrets-'))
  await fleet.hub.client.site.apply({ name: 'lab', kind: 'edge' })
  ;({ token } = await fleet.hub.client.token.create({ site: 'lab' }))
  agent = await fleet.newAgent('gateway-1', token, ['--secrets', folder, '--log-level', 'debug'])
  await agent.start()
  await agent.logged('link_up')
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(async () => {
  await fleet?.[Symbol.asyncDispose]()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const environment = () => ({
  SKERRY_HOME: fleet.folder,
  SKERRY_HUB: fleet.hub.url,
  SKERRY_KEY: fleet.hub.connection.key,
  SKERRY_CA_FILE: fleet.hub.authorityPath,
})

/** Everything that the commands of this file have printed. */
const printed: string[] = []

async function command(words: readonly string[], stdin?: string) {
  const { code, out, err } = await skerry(words, environment(), stdin)
  printed.push(out, err)
  expect(code, err).toBe(0)
  return out
}

/** The logs of ended processes. */
const logs: string[] = []

const logOf = (service: Service) => [...service.lines().map((line) => JSON.stringify(line)), service.words()].join('\n')

async function end(service: Service): Promise<void> {
  logs.push(logOf(service))
  await service.end()
}

const textOf = (name: string) => readFile(join(folder, name), 'utf8').catch(() => undefined)

const eventually = (name: string, text: string | undefined) =>
  until(`${name} to be ${text}`, async () => ((await textOf(name)) === text ? true : undefined))

const planted = () => `planted/${randomBytes(15).toString('base64')}+${randomBytes(6).toString('hex')}`
const values = { first: planted(), second: planted(), site: planted(), own: planted(), bytes: planted() }

test(
  'the command line sets a secret, and the device has its file; the most specific secret wins',
  strict('the first of a sequence that both tiers need'),
  async () => {
    await command(['secret', 'set', 'plc-password'], `${values.first}\n`)
    await eventually('plc-password', values.first)
    await command(['secret', 'set', 'plc-password'], values.second)
    await eventually('plc-password', values.second)
    await command(['secret', 'set', 'plc-password', '--site', 'lab'], values.site)
    await eventually('plc-password', values.site)
    await command(['secret', 'set', 'plc-password', '--device', 'gateway-1'], values.own)
    await eventually('plc-password', values.own)
    const file = join(fleet.folder, 'value')
    await writeFile(file, `${values.bytes}\n`)
    await command(['secret', 'set', 'broker.pem', '--from-file', file])
    await rm(file)
    await eventually('broker.pem', `${values.bytes}\n`)
    expect((await stat(join(folder, 'plc-password'))).mode & 0o777).toBe(0o640)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    await until('the device to have said so', async () =>
      (await command(['secret', 'ls', '--on', 'gateway-1'])).includes('gateway-1 has them.') ? true : undefined,
    )
    expect(await command(['secret', 'show', 'plc-password'])).toMatch(/version +2/)
  },
)

test(
  'without a hub a killed agent writes its last secrets, and with a hub the changed ones',
  deep('kills; the sealed store has tests of its own beside it'),
  async () => {
    await end(fleet.hub)
    await end(agent)
    await rm(join(folder, 'broker.pem'))
    await agent.start()
    await eventually('broker.pem', `${values.bytes}\n`)
    await end(agent)
    await fleet.hub.start()
    await command(['secret', 'rm', 'broker.pem', '--yes'])
    await command(['secret', 'rekey'])
    await agent.start()
    await eventually('broker.pem', undefined)
    await command(['secret', 'rm', 'plc-password', '--device', 'gateway-1', '--yes'])
    await eventually('plc-password', values.site)
  },
)

test(
  'an agent that lost its store key or its sealed secrets gets them again',
  deep('a variant of the start of an agent that was killed'),
  async () => {
    await end(agent)
    await rm(join(agent.data, 'store-key'))
    await rm(join(folder, 'plc-password'))
    await agent.start()
    await agent.logged('condition_raised', ({ code }) => code === 'secrets_damaged')
    await eventually('plc-password', values.site)
    await agent.logged('condition_cleared', ({ code }) => code === 'secrets_damaged')
  },
)

test('the agent leaves a folder alone that it did not make', async () => {
  const other = await mkdtemp(join(tmpdir(), 'skerry-not-ours-'))
  await mkdir(join(other, 'sub'), { mode: 0o700 })
  await writeFile(join(other, 'mine'), 'mine')
  const { token } = await fleet.hub.client.token.create({ site: 'lab' })
  const second = await fleet.newAgent('gateway-2', token, ['--secrets', other])
  await second.start()
  await second.logged('condition_raised', ({ code }) => code === 'secrets_folder_refused')
  expect(await readFile(join(other, 'mine'), 'utf8')).toBe('mine')
  expect(await readdir(other)).toEqual(['mine', 'sub'])
  await second.end('SIGTERM')
  await rm(other, { recursive: true })
})

/** The value as it is, and in the spellings that turn bytes into text. */
function spellings(value: string): string[] {
  const bytes = Buffer.from(value)
  const shifted = [1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    bytes.toString('base64').slice(0, -4),
    bytes.toString('base64url').slice(0, -4),
    ...shifted,
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ]
}

test('no log, record, file, backup or answer holds a secret, an API key or a join token, in any encoding', async () => {
  const made = JSON.parse(await command(['key', 'create', 'planted', '--json'])) as { secret: string }
  const join2 = await fleet.hub.client.token.create({ site: 'lab' })
  // The hub also rejects slightly wrong keys, and prints them nowhere.
  await fleet.cli(['status'], `${made.secret.slice(0, -3)}abc`)
  printed.splice(printed.indexOf(printed.find((text) => text.includes(made.secret)) ?? ''), 1)
  const backup = join(fleet.folder, 'backup.sqlite')
  const database = new DatabaseSync(join(fleet.hub.data, 'hub.sqlite'), { readOnly: true })
  database.exec(`VACUUM INTO '${backup}'`)
  database.close()

  const haystack = new Map<string, Buffer>()
  for (const data of [fleet.hub.data, agent.data])
    for await (const { path, bytes } of filesBelow(data)) haystack.set(path, bytes)
  haystack.set(backup, await readFile(backup))
  const add = (name: string, text: string) => void haystack.set(name, Buffer.from(text))
  for (const service of [fleet.hub, ...fleet.agents]) {
    add(`log of ${service.name}`, logOf(service))
  }
  for (const [index, log] of logs.entries()) add(`log before, ${index}`, log)
  add('what was printed', printed.join('\n'))
  for (const path of [
    'secrets',
    'audit?limit=500',
    'devices',
    'devices/gateway-1',
    'devices/gateway-1/secrets',
    'alerts',
    'status',
    'keys',
    'join-tokens',
    'health',
  ]) {
    add(path, await answerOf(path))
  }
  expect(haystack.size).toBeGreaterThan(20)

  const needles = {
    ...values,
    key: made.secret,
    // The random part may have underscores of its own.
    'key alone': made.secret.split('_').slice(2).join('_'),
    owner: fleet.hub.connection.key,
    token: join2.token,
  }
  for (const [name, value] of Object.entries(needles)) {
    const found = [...haystack].filter(([, bytes]) => spellings(value).some((spelling) => bytes.includes(spelling)))
    expect(
      found.map(([place]) => place),
      `places that hold ${name}`,
    ).toEqual([])
  }
  // The search finds values that are really there.
  expect(spellings('gateway-1').some((spelling) => haystack.get('devices')?.includes(spelling))).toBe(true)
})

async function answerOf(path: string): Promise<string> {
  const authority = await readFile(fleet.hub.authorityPath)
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${fleet.hub.connection.key}` }
    const asking = request(`${fleet.hub.url}/v1/${path}`, { ca: authority, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => resolve(text))
    })
    asking.on('error', reject)
    asking.end()
  })
}
