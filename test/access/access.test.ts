/**
 * Remote access with real processes: a hub, two agents and the command line. A terminal with its exit code and its
 * recording, a tunnel to a web page, and all the ways in which the hub or the device says no.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createClient } from '@skerry/client/client'
import { problemOf } from '@skerry/client/problem'
import { type AccessWish, SESSION_PROTOCOL, SESSION_STREAM_PATH } from '@skerry/contract/access/access'
import { STREAM_MESSAGE_MAX } from '@skerry/contract/streams/stream'
import { dialSocket } from '@skerry/platform/network/dial-socket'
import { freePort } from '@skerry/testkit/free-port'
import { deep } from '@skerry/testkit/tier'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  type AgentProgram,
  type HubProgram,
  joinAgent,
  newHubHome,
  startAgent,
  startHub,
} from '../../examples/stage/fleet.ts'

const SITE = { name: 'hamburg', kind: 'edge', country: 'DE' } as const
const MAIN = join(import.meta.dirname, '../../apps/cli/src/main.ts')
const OPEN = 'press-1'
const SHUT = 'press-2'

let folder: string
let hub: HubProgram
let agents: AgentProgram[] = []
let page: Server
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-access-'))
  page = createServer((request, response) => response.end(`the page of the device: ${request.url}`))
  page.listen(0, '127.0.0.1')
  await once(page, 'listening')
  port = (page.address() as AddressInfo).port
  hub = await startHub(await newHubHome(folder))
  agents = await Promise.all([
    startAgent(hub, { site: SITE, device: OPEN, folder, options: ['--allow-remote', 'shell,port,logs,file'] }),
    startAgent(hub, { site: SITE, device: SHUT, folder }),
  ])
})

afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.stop()))
  await hub?.stop()
  page.close()
  await rm(folder, { recursive: true, force: true })
})

const env = () => ({
  ...process.env,
  SKERRY_HUB: hub.url,
  SKERRY_KEY: hub.connection.key ?? '',
  SKERRY_CA_FILE: hub.authorityPath,
  SKERRY_HOME: folder,
})

const start = (...words: string[]): ChildProcess =>
  spawn(process.execPath, [MAIN, ...words], { cwd: folder, env: env() })

/** Runs a command line with this input. */
async function skerry(words: readonly string[], input = '') {
  const child = start(...words)
  child.stdin?.end(input)
  const [out, err, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit'),
  ])
  return { code, out, err }
}

const grantFor = (device: string, kinds: ('shell' | 'port')[], targets: string[] = []) =>
  hub.client.access.request({ device, kinds, targets, reason: 'a test', seconds: 600 })

/** Connects to a session; its code if the hub or the device rejects it. */
async function dialled(wish: AccessWish): Promise<string> {
  const { session, ticket } = await hub.client.access.open({ device: OPEN, wish })
  const url = `${hub.url}${SESSION_STREAM_PATH}/${session.id}`
  const answer = await dialSocket(
    url,
    { protocols: [SESSION_PROTOCOL, ticket], messageBytesMax: STREAM_MESSAGE_MAX },
    new AbortController().signal,
  )
  if (answer.ok) answer.socket.terminate()
  return answer.ok ? 'ok' : answer.code
}

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'ok',
    (error: unknown) => problemOf(error).code,
  )

const ended = async (action = 'access.end') =>
  (await hub.client.audit.list({ action, newestFirst: 'true', limit: 20 })).rows

test('a command on a device has its input, output, errors and exit code, and a recording whose digest is on record', async () => {
  const done = await skerry(
    ['shell', OPEN, '--reason', 'read a file', '--', 'cat; echo wrong >&2; exit 7'],
    'typed on this side\n',
  )
  expect(done).toMatchObject({ code: 7, out: 'typed on this side\n', err: expect.stringContaining('wrong\n') })
  await until(async () => (await ended()).length > 0)
  const [record] = await ended()
  const recording = record?.detail.recording as { digest: string; isWhole: boolean }
  expect(record?.detail).toMatchObject({ device: OPEN, kind: 'shell', exitCode: 7, recording: { isWhole: true } })
  const { rows } = await hub.client.access.sessions({ device: OPEN })
  expect(rows[0]).toMatchObject({ state: 'ended', exitCode: 7, recording: { digest: recording.digest } })
  const file = join(folder, 'session.cast')
  expect((await skerry(['access', 'recording', OPEN, rows[0]?.id ?? '', '--to', file])).code).toBe(0)
  const saved = await readFile(file)
  expect(`sha256:${createHash('sha256').update(saved).digest('hex')}`).toBe(recording.digest)
  expect(saved.toString()).toContain('typed on this side')
  // The device has written both events into its own journal, and the hub has them.
  await until(async () => (await ended('local.access-closed')).length > 0)
  expect((await ended('local.access-opened'))[0]?.detail).toMatchObject({
    entry: { detail: { reason: 'read a file' } },
  })
})

test('a program that a script starts silently stands in the audit trail, beside the recording', async () => {
  const done = await skerry(['shell', OPEN, '--reason', 'look', '--', '(sleep 2.25 >/dev/null 2>&1); true'])
  expect(done.code).toBe(0)
  const found = async () =>
    (await ended('local.access-commands')).flatMap(({ detail }) => (detail.entry as { detail: object }).detail)
  await until(async () => JSON.stringify(await found()).includes('sleep 2.25'))
  expect(await found()).toContainEqual(
    expect.objectContaining({ source: 'process list', commands: expect.arrayContaining(['sleep 2.25']) }),
  )
})

test('a shell without a terminal runs the lines of standard input', async () => {
  const done = await skerry(['shell', OPEN, '--reason', 'look around'], 'echo in $PWD\nexit 3\n')
  expect(done).toMatchObject({ code: 3, out: expect.stringContaining('in /') })
})

test('a tunnel reaches a web page on the device', async () => {
  const local = await freePort()
  const child = start('tunnel', OPEN, `${port}:${local}`, '--reason', 'look at the page')
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  const answers = await Promise.all(
    ['/a', '/b', '/c'].map(async (path) => (await fetch(`http://127.0.0.1:${local}${path}`)).text()),
  )
  expect(answers).toEqual(['/a', '/b', '/c'].map((path) => `the page of the device: ${path}`))
  child.kill('SIGINT')
  await once(child, 'exit')
  await until(async () => (await ended()).some(({ detail }) => detail.target === `127.0.0.1:${port}`))
})

test('a tunnel carries datagrams, and each local program gets its own answers', async () => {
  const device = createSocket('udp4')
  device.on('message', (datagram, { port: back, address }) => device.send(`re: ${datagram}`, back, address))
  device.bind(0, '127.0.0.1')
  await once(device, 'listening')
  const local = await freePort()
  const child = start('tunnel', OPEN, `udp:${device.address().port}:${local}`, '--reason', 'read the switch')
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  const answers = await Promise.all(
    ['one', 'two'].map(async (text) => {
      const program = createSocket('udp4')
      const heard = once(program, 'message')
      program.send(text, local, '127.0.0.1')
      const [datagram] = await heard
      program.close()
      return String(datagram)
    }),
  )
  expect(answers).toEqual(['re: one', 're: two'])
  child.kill('SIGINT')
  await once(child, 'exit')
  device.close()
  await until(async () => (await ended()).some(({ detail }) => String(detail.target).startsWith('udp:127.0.0.1:')))
})

test('without a grant, with another one, and beyond its ports nothing opens', async () => {
  const wish = { kind: 'port', target: `127.0.0.1:${port}` } as const
  expect(await codeOf(hub.client.access.open({ device: SHUT, wish }))).toBe('grant_unknown')
  const grant = await grantFor(OPEN, ['port'], ['127.0.0.1:1'])
  const open = (of: Parameters<typeof hub.client.access.open>[0]) => codeOf(hub.client.access.open(of))
  expect(await open({ device: OPEN, grant: grant.id, wish })).toBe('grant_exceeded')
  expect(await open({ device: OPEN, grant: grant.id, wish: { kind: 'shell' } })).toBe('grant_exceeded')
  expect(await open({ device: SHUT, grant: grant.id, wish })).toBe('grant_unknown')
  await hub.client.access.revoke({ device: OPEN, grant: grant.id, reason: 'the test is over' })
  expect(await open({ device: OPEN, grant: grant.id, wish: { kind: 'port', target: '127.0.0.1:1' } })).toBe(
    'grant_revoked',
  )
  // Another person of the same organisation cannot use it either.
  const mine = await grantFor(OPEN, ['shell'])
  const { secret } = await hub.client.key.create({ name: 'other', role: 'supervisor' })
  const other = createClient({ hub: hub.url, key: secret })
  // The key was created by the same key, which stands for itself.
  const { rows } = await other.access.list({ device: OPEN, state: 'active' })
  expect(rows.find(({ id }) => id === mine.id)).toMatchObject({ holder: { name: 'owner' } })
  const viewer = createClient({
    hub: hub.url,
    key: (await hub.client.key.create({ name: 'eyes', role: 'viewer' })).secret,
  })
  expect(await codeOf(viewer.access.open({ device: OPEN, wish: { kind: 'shell' } }))).toBe('permission_denied')
  expect(await codeOf(viewer.access.request({ device: OPEN, kinds: ['shell'], reason: 'x' }))).toBe('permission_denied')
  expect(await codeOf(viewer.access.list({}))).toBe('permission_denied')
})

test('the device has the last word: its switch is off, and some addresses are never reached', async () => {
  const shut = await skerry(['shell', SHUT, '--reason', 'try it', '--', 'true'])
  expect(shut.code).toBe(255)
  expect(shut.err).toContain('access_refused')
  expect(shut.err).toContain('--allow-remote shell')
  const hubTarget = `127.0.0.1:${new URL(hub.url).port}`
  for (const target of ['169.254.169.254:80', '10.99.99.99:80', hubTarget]) {
    await grantFor(OPEN, ['port'], [target])
    expect(await dialled({ kind: 'port', target }), target).toBe('access_refused')
  }
  const target = `127.0.0.1:${await freePort()}`
  await grantFor(OPEN, ['port'], [target])
  expect(await dialled({ kind: 'port', target })).toBe('stream_refused')
})

test('a grant that is revoked ends its open sessions at once, and says so', async () => {
  const grant = await grantFor(OPEN, ['shell'])
  const child = start('shell', OPEN, '--grant', grant.id, '--', 'echo begun; sleep 1000')
  const errors = text(child.stderr as NodeJS.ReadableStream)
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  const exited = once(child, 'exit')
  const revoked = await hub.client.access.revoke({ device: OPEN, grant: grant.id, reason: 'enough' })
  expect(revoked).toMatchObject({ state: 'revoked', openSessions: 1 })
  expect((await exited)[0]).toBe(255)
  expect(await errors).toContain('grant_revoked')
  await until(async () => (await ended()).some(({ detail }) => detail.ended === 'grant_revoked'))
  const { rows } = await hub.client.access.sessions({ device: OPEN, grant: grant.id })
  expect(rows).toMatchObject([{ state: 'ended', ended: 'grant_revoked', recording: { isWhole: true } }])
})

/** Another person of the organisation, who may watch and end terminals. */
async function newModerator(name: string) {
  const { secret } = await hub.client.key.create({ name, role: 'administrator' })
  return { client: createClient({ hub: hub.url, key: secret }), key: secret }
}

/** A moderated terminal that waits for its moderator. */
async function openModerated(command: string) {
  const grant = await hub.client.access.request({ device: OPEN, kinds: ['shell'], isModerated: true, reason: 'a test' })
  const child = start('shell', OPEN, '--grant', grant.id, '--', command)
  const heard = { out: '', err: '' }
  child.stdout?.on('data', (piece) => {
    heard.out += piece
  })
  child.stderr?.on('data', (piece) => {
    heard.err += piece
  })
  const sessions = async () => (await hub.client.access.sessions({ device: OPEN, grant: grant.id })).rows
  await until(async () => (await sessions())[0]?.state === 'open')
  const [session] = await sessions()
  if (!session) throw new Error('no session')
  return { child, heard, session, sessions, exited: once(child, 'close') }
}

test('a moderated terminal begins when another person watches it, who sees it live and ends it', async () => {
  const both = { device: OPEN, kinds: ['shell' as const, 'logs' as const], isModerated: true, reason: 'a test' }
  expect(await codeOf(hub.client.access.request(both))).toBe('input_invalid')
  const { child, heard, session, sessions, exited } = await openModerated(
    'echo begun; read line; echo "got $line"; cat',
  )
  const about = { device: OPEN, accessSession: session.id }
  // The holder cannot be the moderator.
  expect(await codeOf(hub.client.access.live(about))).toBe('access_unwatched')
  await hub.client.access.watch(about)
  expect((await hub.client.access.live(about)).text).toBe('')
  await until(() => heard.err.includes(`skerry access watch ${OPEN} ${session.id}`))
  const { client, key } = await newModerator('moderator')
  const watching = spawn(process.execPath, [MAIN, 'access', 'watch', OPEN, session.id], {
    cwd: folder,
    env: { ...env(), SKERRY_KEY: key },
  })
  let seen = ''
  watching.stdout.on('data', (piece) => {
    seen += piece
  })
  const watched = once(watching, 'close')
  await until(() => heard.out.includes('begun'))
  child.stdin?.write('keys\n')
  await until(() => seen.includes('got keys'))
  expect((await sessions())[0]).toMatchObject({ isModerated: true, watchers: ['moderator', 'owner'] })
  await client.access.stop({ ...about, reason: 'the wrong machine' })
  expect((await exited)[0]).toBe(255)
  expect(heard.err).toContain('session_stopped')
  expect((await watched)[0]).toBe(0)
  await until(async () => (await ended()).some(({ detail }) => detail.ended === 'session_stopped'))
  const [record] = (await ended()).filter(({ detail }) => detail.ended === 'session_stopped')
  expect(record?.detail).toMatchObject({ watchers: ['moderator', 'owner'], recording: { isWhole: true } })
  expect((await ended('access.stop'))[0]).toMatchObject({
    actor: { name: 'moderator' },
    detail: { reason: 'the wrong machine' },
  })
  expect(await ended('access.watch')).toHaveLength(2)
  // The grant stays, and nobody watches an ended session.
  expect(await codeOf(client.access.watch(about))).toBe('access_unwatched')
})

test(
  'a moderated terminal ends when its moderator has left',
  deep('the hub waits 15 s for a moderator who is silent; the test before it shows the moderated terminal'),
  async () => {
    const { session, heard, exited } = await openModerated('echo begun; sleep 1000')
    const { client } = await newModerator('leaver')
    await client.access.watch({ device: OPEN, accessSession: session.id })
    await until(() => heard.out.includes('begun'))
    expect((await exited)[0]).toBe(255)
    expect(heard.err).toContain('moderator_left')
  },
)

test('a ticket counts once, for its own session, and not for pages of others', async () => {
  const grant = await grantFor(OPEN, ['shell'])
  const wish = { kind: 'shell', command: 'cat' } as const
  const dial = (id: string, ticket: string, origin?: string) => {
    const url = `${hub.url.replace('https', 'wss')}/v1/access-streams/${id}`
    const socket = new WebSocket(url, [SESSION_PROTOCOL, ticket], origin === undefined ? {} : { origin })
    return new Promise<number>((resolve, reject) => {
      socket.on('open', () => {
        socket.terminate()
        resolve(101)
      })
      socket.on('unexpected-response', (_request, response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      socket.on('error', reject)
    }).finally(() => socket.terminate())
  }
  const one = await hub.client.access.open({ device: OPEN, grant: grant.id, wish })
  const two = await hub.client.access.open({ device: OPEN, grant: grant.id, wish })
  expect(await dial(one.session.id, two.ticket)).toBe(403)
  expect(await dial(one.session.id, one.ticket, 'https://evil.example')).toBe(403)
  expect(await dial(one.session.id, one.ticket, hub.url)).toBe(101)
  expect(await dial(one.session.id, one.ticket)).toBe(403)
})

test('a selector gets a grant for each of its devices', async () => {
  const to = (selector: string) =>
    skerry(['access', 'request', '--to', selector, '--kind', 'logs', '--reason', 'look', '--json'])
  const made = await to('site.name == "hamburg"')
  expect(JSON.parse(made.out).map((grant: { device: string }) => grant.device)).toEqual([OPEN, SHUT])
  expect((await to('site.name == "oslo"')).err).toContain('selector_empty')
})

test('two people are needed if the organisation says so', async () => {
  await hub.client.approval.setRules({ batches: false, roles: false, audit: false, access: true })
  expect(await codeOf(grantFor(OPEN, ['shell']))).toBe('approval_needed')
  // An older program does not know the rule, and leaves it as it is.
  await hub.client.approval.setRules({ batches: false, roles: false, audit: false })
  expect(await codeOf(grantFor(OPEN, ['shell']))).toBe('approval_needed')
  await hub.client.approval.setRules({ batches: false, roles: false, audit: false, access: false })
  expect(await codeOf(grantFor(OPEN, ['shell']))).toBe('ok')
})

test(
  'an operator who switches remote access off ends the open terminal, and no other one opens',
  deep('restarts the agent in the middle of a session; the tests before it show each half'),
  async () => {
    await grantFor(OPEN, ['shell'])
    const child = start('shell', OPEN, '--', 'echo begun; sleep 1000')
    await once(child.stdout as NodeJS.ReadableStream, 'data')
    const exited = once(child, 'exit')
    const { rows } = await hub.client.access.sessions({ device: OPEN, limit: 1 })
    await agents[0]?.stop()
    expect((await exited)[0]).toBe(255)
    await until(async () => {
      const [now] = (await hub.client.access.sessions({ device: OPEN })).rows.filter(({ id }) => id === rows[0]?.id)
      return now?.ended === 'connection_lost' && now.recording?.isWhole === true
    })
    const { token } = await hub.client.token.create({ site: SITE.name })
    agents[0] = await joinAgent({ token, device: OPEN, folder })
    await until(async () => (await hub.client.device.get({ device: OPEN })).link.connected)
    expect(await dialled({ kind: 'shell' })).toBe('access_refused')
  },
)
