/**
 * Planted values: the test gives secret values to a real hub and a real agent, on every way there is. Then it searches
 * all their files, outputs, logs and process lists for these values. secrets.test.ts searches for secrets of devices.
 */
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Batch } from '@skerry/contract/batches/batch'
import { BatchId } from '@skerry/contract/values/ids'
import { filesBelow } from '@skerry/testkit/files-below'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Fleet, type FleetAgent, openSharedFleet, tellLogsOnFailure } from '../stage/fleet.ts'
import { until } from '../stage/service.ts'

let fleet: Fleet
let agent: FleetAgent
let authority: Buffer

beforeAll(async () => {
  fleet = await openSharedFleet(['--log-level', 'debug'])
  authority = await readFile(fleet.hub.authorityPath)
  await fleet.hub.client.site.apply({ name: 'lab', kind: 'edge' })
  const { token } = await fleet.hub.client.token.create({ site: 'lab' })
  agent = await fleet.newAgent('gateway-1', token, ['--log-level', 'debug'])
  await agent.start()
  await agent.logged('link_up')
})
beforeEach(() => tellLogsOnFailure(fleet))
afterAll(() => fleet?.[Symbol.asyncDispose]())

type Reply = { status: number; text: string; cookie: string }

/** All answers of the hub, except those that show a secret once on purpose. */
const said = new Map<string, Buffer>()

async function ask(method: string, path: string, more: { body?: unknown; headers?: object; isShownOnce?: true } = {}) {
  const { body, headers = { authorization: `Bearer ${fleet.hub.connection.key}` }, isShownOnce } = more
  const text = body === undefined ? undefined : JSON.stringify(body)
  const reply = await new Promise<Reply>((resolve, reject) => {
    const type = text === undefined ? {} : { 'content-type': 'application/json' }
    const asking = request(
      `${fleet.hub.url}${path}`,
      { method, ca: authority, headers: { ...headers, ...type } },
      (response) => {
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', (piece: string) => {
          answer += piece
          // A stream sends the current state at once, and has no end.
          if (path === '/v1/watch') response.destroy()
        })
        response.on('close', () => {
          const [cookie = ''] = String(response.headers['set-cookie'] ?? '').split(';')
          resolve({ status: response.statusCode ?? 0, text: answer, cookie })
        })
      },
    )
    asking.on('error', reject)
    asking.end(text)
  })
  if (!isShownOnce) said.set(`${method} ${path} ${said.size}`, Buffer.from(reply.text))
  return reply
}

const OWN_PAGE = { 'sec-fetch-site': 'same-origin' }
const planted = () => `planted ${randomBytes(12).toString('hex')}`

/** The value as it is, and in the spellings that turn bytes into text. */
function spellings(value: string): string[] {
  const bytes = Buffer.from(value)
  const shifted = [0, 1, 2].map((by) =>
    Buffer.concat([Buffer.alloc(by), bytes])
      .toString('base64')
      .slice(4, -4),
  )
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), bytes.toString('hex'), ...shifted]
}

/** Creates a person with every credential that a person can have, and makes wrong attempts too. */
async function makePerson() {
  const { text } = await ask('POST', '/v1/invitations', { body: { role: 'administrator' }, isShownOnce: true })
  const invitation = (JSON.parse(text).link as string).split('#invitation=')[1] ?? ''
  const email = 'vera@example.com'
  const password = planted()
  const wrong = planted()
  const next = planted()
  const account = { invitation, email, name: 'vera', password }
  const { cookie, status } = await ask('POST', '/v1/account', { body: account, headers: OWN_PAGE })
  expect(status).toBe(200)
  await ask('POST', '/v1/account/session', { body: { email, password: wrong }, headers: OWN_PAGE })
  await ask('POST', '/v1/account/session', { body: { email, password: wrong, surplus: wrong }, headers: OWN_PAGE })
  const session = await ask('POST', '/v1/account/session', { body: { email, password }, headers: OWN_PAGE })
  const headers = { ...OWN_PAGE, cookie }
  const factor = await ask('POST', '/v1/account/second-factor', { body: { password }, headers, isShownOnce: true })
  for (const path of ['/v1/me', '/v1/account', '/v1/account/sessions']) await ask('GET', path, { headers })
  const tokenOf = (text: string) => decodeURIComponent(text.split('=')[1] ?? '')
  return {
    invitation,
    password,
    wrong,
    next,
    'secret of the authenticator': JSON.parse(factor.text).secret as string,
    session: tokenOf(cookie),
    'other session': tokenOf(session.cookie),
  }
}

/** Runs a batch that lets the device report about itself. */
async function diagnose(): Promise<void> {
  const run = async (...words: string[]) => {
    const { code, out, err } = await fleet.cli(['batch', ...words])
    expect(code, err).toBe(0)
    said.set(`batch ${words.join(' ')}`, Buffer.from(out))
    return out
  }
  const { id } = JSON.parse(await run('create', 'run-diagnostics', '--to', 'true', '--json')) as Batch
  await run('sign', id)
  await run('send', id)
  await until('the end of the batch', async () => {
    const { counts } = await fleet.hub.client.batch.get({ batch: BatchId.parse(id) })
    return counts.succeeded === 1 ? true : undefined
  })
  await run('report', id, '--device', 'gateway-1')
  said.set('device logs', Buffer.from((await fleet.cli(['device', 'logs', 'gateway-1'])).out))
}

/** The middle of a key in PEM or base64. It has no header, and is long enough to be unique. */
const middleOf = (text: string) =>
  text
    .replaceAll(/-----[^-]+-----/g, '')
    .replaceAll(/\s/g, '')
    .slice(52, 84)

test('no file, journal, backup, log, export, metric, answer, stream, report or process holds a planted secret', async () => {
  const person = await makePerson()
  const made = await ask('POST', '/v1/keys', { body: { name: 'planted', role: 'viewer' }, isShownOnce: true })
  const key = JSON.parse(made.text).secret as string
  await ask('GET', '/v1/devices', { headers: { authorization: `Bearer ${key}` } })
  await ask('GET', '/v1/devices', { headers: { authorization: `Bearer ${key.slice(0, -3)}abc` } })
  const token = JSON.parse((await ask('POST', '/v1/join-tokens', { body: { site: 'lab' }, isShownOnce: true })).text)
    .token as string
  await ask('POST', '/v1/signing-keys/rotate', { body: {} })
  await diagnose()
  for (const path of [
    'users',
    'keys',
    'join-tokens',
    'audit?limit=500',
    'signing-keys',
    'trust',
    'alerts',
    'certificates',
  ]) {
    await ask('GET', `/v1/${path}`)
  }
  for (const path of ['/metrics', '/v1/watch', '/healthz', '/readyz', '/v1/health', '/v1/about']) await ask('GET', path)

  const files = new Map<string, Buffer>()
  for (const data of [fleet.hub.data, agent.data])
    for await (const { path, bytes } of filesBelow(data)) files.set(path, bytes)
  const backup = join(fleet.folder, 'backup.sqlite')
  const database = new DatabaseSync(join(fleet.hub.data, 'hub.sqlite'), { readOnly: true })
  database.exec(`VACUUM INTO '${backup}'`)
  database.close()
  const haystack = new Map([...files, ...said, [backup, await readFile(backup)]])
  haystack.set('audit export', Buffer.from((await fleet.cli(['audit', 'export'])).out))
  for (const service of [fleet.hub, agent]) {
    const lines = service.lines().map((line) => JSON.stringify(line))
    haystack.set(`log of ${service.name}`, Buffer.from([...lines, service.words()].join('\n')))
  }
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    haystack.set(`process ${pid}`, await readFile(`/proc/${pid}/cmdline`).catch(() => Buffer.alloc(0)))
  }

  const needles = new Map(Object.entries({ ...person, key, token, owner: fleet.hub.connection.key }))
  const own = new Map<string, string>()
  for (const [path, bytes] of files) {
    if (!/(authority|server|signing-key|audit-key|device-key)\.pem$|encryption-key$/.test(path)) continue
    own.set(path, path)
    needles.set(
      path,
      path.endsWith('encryption-key') ? bytes.toString().trim().slice(4, 40) : middleOf(bytes.toString()),
    )
  }
  expect(own.size).toBeGreaterThanOrEqual(5)
  for (const [name, value] of needles) {
    expect(value.length, name).toBeGreaterThan(20)
    const found = [...haystack].filter(
      ([place, bytes]) => place !== own.get(name) && spellings(value).some((spelling) => bytes.includes(spelling)),
    )
    expect(
      found.map(([place]) => place),
      `places that hold ${name}`,
    ).toEqual([])
  }
  // The search finds values that are really there.
  expect([...haystack.values()].some((bytes) => bytes.includes('vera@example.com'))).toBe(true)
  expect(haystack.get('audit export')?.includes('signingKey.rotate')).toBe(true)
})
