import { createServer } from 'node:net'
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
])('wrong usage is told in the same shape, with exit code 2: %s', async (name, words) => {
  const { code, out, err } = await cli(words, { env })
  expect({ code, out }).toEqual({ code: 2, out: '' })
  await expect(err).toMatchFileSnapshot(`golden/errors/${name}.txt`)
})

test('what the hub refuses is told with its code and what to do, with exit code 1', async () => {
  const { code, out, err } = await cli(['site', 'show', 'atlantis'], { env })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  await expect(err).toMatchFileSnapshot('golden/errors/site-unknown.txt')
})

test('with --json the error is JSON too, on stderr', async () => {
  const { code, out, err } = await cli(['site', 'show', 'atlantis', '--json'], { env })
  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(JSON.parse(err)).toEqual({
    error: { code: 'site_unknown', message: 'no such site', next: '"skerry site ls" lists them', exitCode: 1 },
  })
})

test('who is not signed in, or may not, gets exit code 4', async () => {
  const none = await cli(['site', 'ls'], { env: { SKERRY_HOME: folder.path } })
  expect(none.code).toBe(4)
  await expect(none.err).toMatchFileSnapshot('golden/errors/login-missing.txt')

  const viewer = await cli(['site', 'create', 'delft', '--kind', 'edge'], { env: { ...env, SKERRY_KEY: VIEWER_KEY } })
  expect(viewer.code).toBe(4)
  await expect(viewer.err).toMatchFileSnapshot('golden/errors/permission-denied.txt')

  const stranger = await cli(['site', 'ls'], { env: { ...env, SKERRY_KEY: `${OWNER_KEY.slice(0, -1)}Z` } })
  expect(stranger.code).toBe(4)
  expect(stranger.err).toContain('code: key_invalid')
})

test('a hub that is not there gets exit code 3', async () => {
  const { code, err } = await cli(['site', 'ls'], {
    env: { ...env, SKERRY_HUB: `https://127.0.0.1:${await closedPort()}` },
  })
  expect(code).toBe(3)
  await expect(err).toMatchFileSnapshot('golden/errors/hub-unreachable.txt')
})

async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('a hub whose certificate is not from the known CA gets nothing', async () => {
  await using other = await openFakeHub()
  const { code, err } = await cli(['site', 'rm', 'rotterdam', '--yes'], { env: { ...env, SKERRY_HUB: other.url } })
  expect(code).toBe(3)
  expect(err).toContain('code: hub_untrusted')
  expect(other.state.calls).toEqual([])
})

test('what is no hub at all is told from one that is down', async () => {
  const noise = createServer((socket) => socket.end('220 mail.example ESMTP\r\n'))
  await new Promise<void>((resolve) => noise.listen(0, '127.0.0.1', resolve))
  const { port } = noise.address() as { port: number }
  const { code, err } = await cli(['login', `https://localhost:${port}`, '--key', OWNER_KEY], { env })
  noise.close()
  expect(code).toBe(3)
  expect(err).toMatch(/code: (hub_unreachable|hub_untrusted|answer_invalid)/)
})

test('a hub over plain HTTP is refused before the key goes out', async () => {
  const { code, err } = await cli(['status'], { env: { ...env, SKERRY_HUB: 'http://localhost:1' } })
  expect(code).toBe(4)
  expect(err).toContain('https://HOST:PORT')
})

test('Ctrl-C ends with 130', async () => {
  const { code, err } = await cli(['site', 'ls'], { env, signal: AbortSignal.abort() })
  expect(code).toBe(130)
  expect(err).toContain('stopped before the end')
})

test('no stack trace, unless SKERRY_DEBUG asks for one', async () => {
  const words = ['site', 'show', 'atlantis']
  expect((await cli(words, { env })).err).not.toContain('    at ')
  expect((await cli(words, { env: { ...env, SKERRY_DEBUG: '1' } })).err).toContain('    at ')
})
