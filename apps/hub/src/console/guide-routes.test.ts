import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installGuide } from './guide-routes.ts'

let folder: string
const app = fastify()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-guide-'))
  await mkdir(join(folder, 'site/assets'), { recursive: true })
  await mkdir(join(folder, 'site/guide'))
  await writeFile(join(folder, 'site/index.html'), 'start')
  await writeFile(join(folder, 'site/guide/sizing.html'), 'sizing')
  await writeFile(join(folder, 'site/guide/plant.svg'), '<svg/>')
  await writeFile(join(folder, 'site/assets/app-abc.js'), 'code')
  await writeFile(join(folder, 'site/.sources'), 'secret')
  await writeFile(join(folder, 'secret.html'), 'secret')
  installGuide(app, join(folder, 'site'))
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true })
})

const get = (url: string) => app.inject({ method: 'GET', url })

test.each([
  ['/guide/', 'start'],
  ['/guide/guide/sizing', 'sizing'],
  ['/guide/guide/sizing.html', 'sizing'],
])('%s is a page, under a policy that allows no foreign content', async (url, body) => {
  const answer = await get(url)
  expect([answer.statusCode, answer.body]).toEqual([200, body])
  const policy = String(answer.headers['content-security-policy'])
  expect(policy.split('; ')).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "style-src 'self'"]),
  )
  expect(policy).not.toMatch(/unsafe|https?:|\*/)
  expect(answer.headers['cache-control']).toBe('no-cache')
})

test('the address without a slash leads to the start page', async () => {
  const answer = await get('/guide')
  expect([answer.statusCode, answer.headers.location]).toEqual([308, '/guide/'])
})

test('a browser caches an asset for ever, and a picture runs no code', async () => {
  expect((await get('/guide/assets/app-abc.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const picture = await get('/guide/guide/plant.svg')
  expect(picture.headers['content-type']).toBe('image/svg+xml')
  expect(picture.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src/)
})

test.each([
  '/guide/none',
  '/guide/../secret.html',
  '/guide/..%2Fsecret.html',
  '/guide/.sources',
  '/guide/a/../../secret.html',
])('%s is not a page', async (url) => {
  const answer = await get(url)
  expect([404, 500]).toContain(answer.statusCode)
  expect(answer.body).not.toMatch(/secret$|^start/)
})

test('if no documentation was built, the page names the next step', async () => {
  const bare = fastify()
  installGuide(bare, join(folder, 'nowhere'))
  const answer = await bare.inject({ method: 'GET', url: '/guide/' })
  expect(answer.statusCode).toBe(503)
  expect(answer.body).toContain('npm run guide')
  await bare.close()
})
