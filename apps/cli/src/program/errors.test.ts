import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { OWNER_KEY, VIEWER_KEY } from '../../test/fake-hub/fake-data.ts'
import { openFakeHub } from '../../test/fake-hub/fake-hub.ts'
import { cli, type TestFolder } from '../../test/stage/cli.ts'
import { openSignedIn } from '../../test/stage/signed-in.ts'

let folder: TestFolder
let env: Record<string, string>

beforeAll(async () => {
  const signedIn = await openSignedIn()
  ;({ folder, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

test.each([
  ['unknown-command', ['devise', 'ls']],
  ['missing-command', ['device', 'token']],
  ['missing-argument', ['site', 'show']],
  ['unknown-option', ['site', 'ls', '--colour']],
  ['wrong-value', ['site', 'create', 'Rotterdam', '--kind', 'edge']],
  ['missing-option', ['rollout', 'pause', 'anomaly']],
  ['wrong-reference', ['model', 'show', 'anomaly:two']],
  ['nothing-to-deploy', ['apply']],
  ['name-of-many', ['device', 'install-command', '--site', 'rotterdam', '--name', 'press-7', '--uses', '2']],
])('wrong usage is reported in one format, with exit code 2: %s', async (name, words) => {
  const { code, out, err } = await cli(words, { env })
  expect({ code, out }).toEqual({ code: 2, out: '' })
  await expect(err).toMatchFileSnapshot(`../snapshots/errors/${name}.txt`)
})

test('a rejection by the hub is reported with its code and the next step, with exit code 1', async () => {
  const { code, out, err } = await cli(['site', 'show', 'atlantis'], { env })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  await expect(withoutHub(err)).toMatchFileSnapshot('../snapshots/errors/site-unknown.txt')
})

/** The fake hub has another port at each run. */
const withoutHub = (text: string) => text.replaceAll(env.SKERRY_HUB ?? '', 'https://HUB')

test('an error links to the page of its code on the hub that answered, and only if a hub answered', async () => {
  const answered = await cli(['site', 'show', 'atlantis'], { env })
  expect(answered.err).toContain(`read more: ${env.SKERRY_HUB}/guide/errors/site_unknown\n`)
  const wrong = await cli(['site', 'show'], { env })
  const silent = await cli(['site', 'ls'], { env: { ...env, SKERRY_HUB: `https://127.0.0.1:${await closedPort()}` } })
  const local = await cli(['source', 'check', join(folder.path, 'none.yaml')], { env })
  for (const { code, err } of [wrong, silent, local]) {
    expect(code).toBeGreaterThan(0)
    expect(err).not.toContain('/guide/')
  }
})

test('with --json the error is JSON on stderr', async () => {
  const { code, out, err } = await cli(['site', 'show', 'atlantis', '--json'], { env })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(JSON.parse(err)).toEqual({
    error: {
      code: 'site_unknown',
      message: 'no such site',
      next: '"skerry site ls" lists them',
      page: `${env.SKERRY_HUB}/guide/errors/site_unknown`,
      exitCode: 1,
    },
  })
})

test('a caller without a session or a permission gets exit code 4', async () => {
  const none = await cli(['site', 'ls'], { env: { SKERRY_HOME: folder.path } })
  expect(none.code).toBe(4)
  await expect(none.err).toMatchFileSnapshot('../snapshots/errors/login-missing.txt')

  const viewer = await cli(['site', 'create', 'delft', '--kind', 'edge'], { env: { ...env, SKERRY_KEY: VIEWER_KEY } })
  expect(viewer.code).toBe(4)
  await expect(withoutHub(viewer.err)).toMatchFileSnapshot('../snapshots/errors/permission-denied.txt')

  const stranger = await cli(['site', 'ls'], { env: { ...env, SKERRY_KEY: `${OWNER_KEY.slice(0, -1)}Z` } })
  expect(stranger.code).toBe(4)
  expect(stranger.err).toContain('code: key_invalid')
})

test('a hub that cannot be reached gives exit code 3', async () => {
  const { code, err } = await cli(['site', 'ls'], {
    env: { ...env, SKERRY_HUB: `https://127.0.0.1:${await closedPort()}` },
  })
  expect(code).toBe(3)
  await expect(err).toMatchFileSnapshot('../snapshots/errors/hub-unreachable.txt')
})

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('the client sends nothing to a hub whose certificate is not from the known CA', async () => {
  await using other = await openFakeHub()
  const { code, err } = await cli(['site', 'rm', 'rotterdam', '--yes'], { env: { ...env, SKERRY_HUB: other.url } })
  expect(code).toBe(3)
  expect(err).toContain('code: hub_untrusted')
  expect(other.state.calls).toEqual([])
})

test('a server that is no hub is reported differently from a hub that is down', async () => {
  const noise = createServer((socket) => socket.end('220 mail.example ESMTP\r\n'))
  await new Promise<void>((resolve) => noise.listen(0, '127.0.0.1', resolve))
  const { port } = noise.address() as { port: number }
  const { code, err } = await cli(['login', `https://localhost:${port}`, '--key', OWNER_KEY], { env })
  noise.close()
  expect(code).toBe(3)
  expect(err).toMatch(/code: (hub_unreachable|hub_untrusted|answer_invalid)/)
})

test('a hub over plain HTTP is rejected before the key is sent', async () => {
  const { code, err } = await cli(['status'], { env: { ...env, SKERRY_HUB: 'http://localhost:1' } })
  expect(code).toBe(4)
  expect(err).toContain('https://HOST:PORT')
})

test('Ctrl-C ends a command with exit code 130', async () => {
  const { code, err } = await cli(['site', 'ls'], { env, signal: AbortSignal.abort() })
  expect(code).toBe(130)
  expect(err).toContain('stopped before the end')
})

test('an error shows no stack trace, unless SKERRY_DEBUG is set', async () => {
  const words = ['site', 'show', 'atlantis']
  expect((await cli(words, { env })).err).not.toContain('    at ')
  expect((await cli(words, { env: { ...env, SKERRY_DEBUG: '1' } })).err).toContain('    at ')
})
