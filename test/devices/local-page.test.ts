/**
 * The local page of a device with real processes and real HTTP: it shows the models, locks, values and problems of the
 * device, a person agrees to remote access there, and it works without the hub. It rejects each way around its password.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { freePort } from '@skerry/testkit/free-port'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AgentProgram, type HubProgram, newHubHome, startAgent, startHub } from '../../examples/stage/fleet.ts'
import { floatTensor, pushModel } from '../../examples/stage/push.ts'

const DEVICE = 'press-1'
const PASSWORD = 'the boat is blue'
const SECRET = 'a-value-that-nobody-may-see'
const AGENT = join(import.meta.dirname, '../../apps/agent/src/main.ts')
const CLI = join(import.meta.dirname, '../../apps/cli/src/main.ts')

/** The page opens long after its port was found free. No server of another test takes it at this address. */
const HOST = '127.0.0.9'

let folder: string
let hub: HubProgram
let agent: AgentProgram
let port: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-local-page-'))
  port = await freePort()
  hub = await startHub(await newHubHome(folder))
  const options = ['--page', `${HOST}:${port}`, '--allow-remote', 'shell', '--remote-consent']
  agent = await startAgent(hub, { site: { name: 'hamburg', kind: 'edge' }, device: DEVICE, folder, options })
})

afterAll(async () => {
  await agent?.stop()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const data = () => join(folder, DEVICE)

async function ended(child: ChildProcess, input = '') {
  child.stdin?.end(input)
  const [out, err, [code]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    text(child.stderr as NodeJS.ReadableStream),
    once(child, 'exit'),
  ])
  return { code, out, err }
}

const setPassword = (password: string) =>
  ended(spawn(process.execPath, [AGENT, '--data', data(), '--set-page-password']), `${password}\n`)

const skerry = (...words: string[]) => {
  const env = { SKERRY_HUB: hub.url, SKERRY_KEY: hub.connection.key, SKERRY_CA_FILE: hub.authorityPath }
  return spawn(process.execPath, [CLI, ...words], { env: { ...process.env, ...env, SKERRY_HOME: folder } })
}

type Answer = { status: number | undefined; headers: IncomingHttpHeaders; body: string }
type Sent = { cookie?: string; form?: Record<string, string>; headers?: Record<string, string> }

/** One request, with exactly these headers. */
async function call(path: string, { cookie, form, headers = {} }: Sent = {}): Promise<Answer> {
  const asked = request({
    host: HOST,
    port,
    path,
    method: form ? 'POST' : 'GET',
    headers: { ...(cookie && { cookie }), ...headers },
  })
  asked.end(form && new URLSearchParams(form).toString())
  const [answer] = await once(asked, 'response')
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

const signIn = (password: string) => call('/login', { form: { password } })

async function entered(password = PASSWORD) {
  const answer = await until(async () => {
    const tried = await signIn(password)
    return tried.status === 303 && tried
  })
  return String(answer.headers['set-cookie']).split(';')[0] ?? ''
}

const tokenIn = (body: string) => /name="token" value="([^"]+)"/.exec(body)?.[1] ?? ''

/** The words of the page, without markup. */
const wordsOf = (body: string) => body.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')

async function serveModel() {
  const bytes = writeModel(
    buildModel({
      opsets: { 'ai.onnx': 13 },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [1] }],
      initialisers: [],
      nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'] }],
    }),
  )
  await pushModel(hub, {
    name: 'turn',
    bytes,
    golden: { cases: [{ inputs: { x: floatTensor([1], Float32Array.of(1)) } }] },
  })
  await hub.client.deployment.apply({
    name: 'turn',
    deployable: 'turn',
    selector: 'true',
    probation: { seconds: 0 },
  })
}

test('without a password there is no page, and a short password is rejected', async () => {
  await expect(call('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  expect(await setPassword('short')).toMatchObject({ code: 2, err: expect.stringContaining('at least 10 characters') })
  expect(await readdir(data())).not.toContain('page-password.json')
})

test('the password opens the page, which shows the device, and its hash is all that is stored', async () => {
  expect(await setPassword(PASSWORD)).toMatchObject({ code: 0 })
  await agent.waitFor('page_ready')
  const stranger = await call('/')
  expect(stranger).toMatchObject({ status: 303, headers: { location: '/login' } })
  const cookie = await entered()
  const { status, headers, body } = await call('/', { cookie })
  expect(status).toBe(200)
  expect(headers['content-security-policy']).toContain("default-src 'none'; style-src 'self'; script-src 'self';")
  expect(headers['x-frame-options']).toBe('DENY')
  expect(body).not.toMatch(/<script>| style=| onclick=|https?:\/\/(?!127\.0\.0\.1)/)
  expect(wordsOf(body)).toContain(`${DEVICE} Sign out`)
  expect(wordsOf(body)).toMatch(/last answer \d+ s ago/)
  const files = await Promise.all(['page-password.json', 'agent.sqlite'].map((name) => readFile(join(data(), name))))
  expect(files.some((file) => file.includes(PASSWORD))).toBe(false)
})

test('models, locks, values and the network are on the page', async () => {
  const signal = { kind: 'constant', value: 3.5 }
  const groups = [{ name: 'all', everyMs: 200, tags: [{ name: 'pressure', unit: 'bar', signal }] }]
  await hub.client.source.set({ name: 'press', spec: { name: 'press', protocol: 'simulator', groups } })
  await writeFile(join(data(), 'locks', 'operator'), 'the line <b>runs</b>\n')
  await serveModel()
  const cookie = await entered()
  const page = async () => wordsOf((await call('/', { cookie })).body)
  await until(async () => /turn model nothing version 1 .*update_locked/.test(await page()), { seen: () => page() })
  expect(await page()).toContain('operator the line &lt;b&gt;runs&lt;/b&gt; it is released')
  await rm(join(data(), 'locks', 'operator'))
  await until(async () => /turn model version 1 version 1 active/.test(await page()), { seen: () => page() })
  await until(async () => /pressure 3.5 bar good/.test(wordsOf((await call('/tags?source=press', { cookie })).body)))
  expect((await call('/tags?source=other', { cookie })).body).toContain('class="bad"')
  const token = tokenIn((await call('/', { cookie })).body)
  expect(await call('/checks', { cookie, form: { token } })).toMatchObject({ status: 303 })
  expect(await page()).toMatch(new RegExp(`${new URL(hub.url).host} connects in [\\d.]+ ms`))
})

test('forms of other pages, of other sessions and without a session change nothing', async () => {
  const cookie = await entered()
  const token = tokenIn((await call('/', { cookie })).body)
  const form = { token }
  const own = `http://${HOST}:${port}`
  const logout = (sent: Sent) => call('/logout', { form, ...sent }).then(({ status }) => status)
  expect(await logout({ cookie, headers: { origin: 'http://attacker.example' } })).toBe(403)
  expect(await logout({ cookie, headers: { origin: own, 'sec-fetch-site': 'cross-site' } })).toBe(403)
  expect(await logout({ cookie, headers: { host: 'attacker.example' } })).toBe(421)
  expect(await logout({ cookie, form: { token: tokenIn((await call('/', { cookie: await entered() })).body) } })).toBe(
    403,
  )
  expect(await logout({ cookie, form: { token: 'x'.repeat(9_000) } })).toBe(413)
  expect(await call('/checks', { form })).toMatchObject({ status: 303, headers: { location: '/login' } })
  expect((await call('/diagnostics.json')).headers.location).toBe('/login')
  expect((await call('/', { cookie })).status).toBe(200)
  expect(await logout({ cookie, headers: { origin: own, 'sec-fetch-site': 'same-origin' } })).toBe(303)
  expect((await call('/', { cookie })).headers.location).toBe('/login')
})

test('a person at the device agrees to a session, and ends it', async () => {
  const { id: grant } = await hub.client.access.request({
    device: DEVICE,
    kinds: ['shell'],
    reason: 'the camera is dark',
  })
  const shell = skerry('shell', DEVICE, '--', 'echo begun; cat')
  const out = (async () => {
    let all = ''
    for await (const chunk of shell.stdout) {
      all += chunk
      if (all.includes('begun')) return all
    }
    return all
  })()
  const cookie = await entered()
  const page = async () => (await call('/', { cookie })).body
  await until(async () => /the camera is dark .* waits for you/.test(wordsOf(await page())))
  const token = tokenIn(await page())
  const decide = (decision: string) => call('/consent', { cookie, form: { token, grant, decision } })
  expect((await call('/consent', { cookie, form: { grant, decision: 'agree' } })).status).toBe(403)
  expect(wordsOf(await page())).toContain('waits for you')
  expect((await decide('agree')).status).toBe(303)
  expect(await out).toBe('begun\n')
  expect(wordsOf(await page())).toContain('may be used')
  const closed = once(shell, 'exit')
  expect((await decide('decline')).status).toBe(303)
  expect((await closed)[0]).toBe(255)
  const again = await ended(skerry('shell', DEVICE, '--', 'true'))
  expect(again).toMatchObject({ code: 255, err: expect.stringContaining('a person at the device has declined') })
  const notes = async () =>
    (await hub.client.audit.list({ newestFirst: 'true', limit: 50 })).rows.map(({ action }) => action)
  await until(async () => (await notes()).includes('local.consent-refused'))
  expect(await notes()).toEqual(
    expect.arrayContaining(['local.consent-given', 'local.page-entered', 'local.page-refused']),
  )
})

test('the diagnostics have the state and the log, and no secrets', async () => {
  await hub.client.secret.set({ name: 'plc-password', value: Buffer.from(SECRET).toString('base64') })
  await until(async () => (await readdir(data())).includes('secrets.sealed'))
  const cookie = await entered()
  const { headers, body } = await call('/diagnostics.json', { cookie })
  expect(headers['content-disposition']).toMatch(/^attachment; filename="press-1-diagnostics-/)
  const bundle = JSON.parse(body)
  expect(bundle).toMatchObject({
    device: { name: DEVICE, hub: hub.url },
    diagnostics: { report: { items: [{ name: 'turn', state: 'active' }] } },
    network: [{ milliseconds: expect.any(Number) }],
    connections: [{ name: 'press', state: 'up' }],
  })
  expect(bundle.log.some((line: string) => line.includes('"page_ready"'))).toBe(true)
  const key = await readFile(join(data(), 'device-key.pem'), 'utf8')
  const hidden = [
    SECRET,
    Buffer.from(SECRET).toString('base64'),
    PASSWORD,
    'skj_',
    'PRIVATE KEY',
    key.split('\n')[1] ?? key,
    cookie.split('=')[1] ?? cookie,
  ]
  expect(hidden.filter((secret) => body.includes(secret))).toEqual([])
})

test('without the hub the page works, and a new password ends all sessions', async () => {
  const before = await entered()
  await hub.kill()
  const page = await call('/', { cookie: before })
  expect(wordsOf(page.body)).toMatch(/turn model version 1 version 1 active/)
  const token = tokenIn(page.body)
  expect((await call('/checks', { cookie: before, form: { token } })).status).toBe(303)
  expect(wordsOf((await call('/', { cookie: before })).body)).toContain('ECONNREFUSED')
  expect(await setPassword('another boat is red')).toMatchObject({ code: 0 })
  expect((await call('/', { cookie: before })).headers.location).toBe('/login')
  const cookie = await entered('another boat is red')
  expect((await call('/', { cookie })).status).toBe(200)
})

test('after five wrong passwords an address waits, even with the right one', async () => {
  const tries = await Promise.all(Array.from({ length: 4 }, () => signIn('wrong wrong wrong')))
  expect(tries.every(({ status }) => status === 401)).toBe(true)
  const next = async () => (await signIn('wrong wrong wrong')).status
  const statuses = [await next(), await next()]
  expect(statuses).toEqual([401, 429])
  const right = await signIn('another boat is red')
  expect(right).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } })
})
