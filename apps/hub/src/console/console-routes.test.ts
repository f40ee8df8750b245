import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installConsole } from './console-routes.ts'

let folder: string
const app = fastify()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-console-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), 'page')
  await writeFile(join(folder, 'index.html.br'), 'page, br')
  await writeFile(join(folder, 'assets/main-abc.js'), 'code')
  await writeFile(join(folder, 'assets/main-abc.js.br'), 'code, br')
  await writeFile(join(folder, 'assets/main-abc.js.gz'), 'code, gzip')
  await writeFile(join(folder, 'secret.js'), 'secret')
  installConsole(app, folder)
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers })

test.each(['/', '/devices', '/devices/press-4', '/models/anomaly/versions/3', '/sign-in?next=%2Fdevices'])(
  '%s returns the page, under a policy that allows no foreign content',
  async (url) => {
    const answer = await get(url)
    expect([answer.statusCode, answer.body]).toEqual([200, 'page'])
    const policy = String(answer.headers['content-security-policy'])
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      expect(policy.split('; ')).toContain(rule)
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(answer.headers['cache-control']).toBe('no-cache')
  },
)

test('a browser caches an asset for ever, in the smallest encoding that it accepts', async () => {
  const forms = [
    ['gzip, deflate, br, zstd', 'code, br', 'br'],
    ['gzip', 'code, gzip', 'gzip'],
    ['br;q=0, gzip', 'code, gzip', 'gzip'],
    ['br; q=0.000', 'code', undefined],
    ['', 'code', undefined],
  ] as const
  for (const [accept, body, encoding] of forms) {
    const answer = await get('/assets/main-abc.js', { 'accept-encoding': accept })
    expect([answer.body, answer.headers['content-encoding']], accept).toEqual([body, encoding])
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    })
  }
})

test.each([
  '/assets/none.js',
  '/assets/..%2Fsecret.js',
  '/assets/%2E%2E%2Fsecret.js',
  '/assets/main-abc.js.br',
  '/assets/main-abc.exe',
  '/v1/devices',
  '/elsewhere',
])('%s is not a page', async (url) => {
  const answer = await get(url)
  expect([404, 500]).toContain(answer.statusCode)
  expect(answer.body).not.toMatch(/^(page|code|secret)/)
})

test('if no console was built, the page names the next step', async () => {
  for (const nowhere of [undefined, join(folder, 'nowhere')]) {
    const bare = fastify()
    installConsole(bare, nowhere)
    const answer = await bare.inject({ method: 'GET', url: '/devices' })
    expect(answer.statusCode).toBe(503)
    expect(answer.body).toContain('npm run build -w @skerry/console')
    expect(answer.headers['content-security-policy']).toContain("style-src 'sha256-")
    await bare.close()
  }
})
