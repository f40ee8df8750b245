/** Several organisations at the command line: a key for each, got by browser once, and never used for another. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli, openTestFolder, type TestFolder } from '../apps/cli/test/stage/cli.ts'
import { asBrowser, cookieOf, signIn } from '../apps/hub/test/stage/person.ts'
import { startTestHub, type TestHub } from '../apps/hub/test/stage/running-hub.ts'
import { personOfTwo } from './stage/several-organisations.ts'

let hub: TestHub
let folder: TestFolder
let ann: string
beforeAll(async () => {
  ;[hub, folder] = await Promise.all([startTestHub(), openTestFolder()])
  await personOfTwo(hub, 'ann@example.com', 'plant-north')
  ann = cookieOf(await signIn(hub, 'ann@example.com', { organisation: 'default' }))
})
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]()
  await folder?.[Symbol.asyncDispose]()
})

/** Runs it; where it shows a link, the person agrees to what the link says, or to the organisation given. */
async function run(words: readonly string[], agreed?: string) {
  const onLink = (url: string) => {
    const { searchParams } = new URL(url)
    const organisation = agreed ?? searchParams.get('organisation') ?? undefined
    links.push(url)
    void asBrowser(hub, ann)('PUT', `/v1/account/logins/${searchParams.get('code')}`, { organisation })
  }
  const links: string[] = []
  const env = { SKERRY_HOME: folder.path }
  const outcome = await cli(words, { env, onLink, nowMs: Date.now, answers: [] })
  return { ...outcome, links }
}

const profile = async () => JSON.parse(await readFile(join(folder.path, 'cli.json'), 'utf8')) as Record<string, unknown>
const login = (...more: string[]) => ['login', hub.url, '--ca-fingerprint', hub.hub.config.caFingerprint, ...more]

test('skerry login --org asks for a key of that organisation, and stores which it is of', async () => {
  const { code, out, err } = await run(login('--org', 'plant-north'))
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('(viewer of plant-north)')
  expect(await profile()).toMatchObject({ organisation: 'plant-north' })
})

test('a key of another organisation than the one that was asked for is not stored', async () => {
  const before = await profile()
  expect(await run(login('--org', 'plant-north'), 'default')).toMatchObject({
    code: 4,
    err: expect.stringContaining('organisation_wrong'),
  })
  expect(await run(login('--org', 'plant-north', '--key', hub.ownerKey))).toMatchObject({ code: 4 })
  expect(await profile()).toEqual(before)
})

test('skerry org switch agrees by browser the first time, and goes to and fro without one from then on', async () => {
  const first = await run(['org', 'switch', 'default'])
  expect(first).toMatchObject({ code: 0, out: expect.stringContaining('(editor of default)') })
  expect(first.links).toHaveLength(1)
  const mine = await run(['org', 'mine', '--json'])
  expect(JSON.parse(mine.out)).toMatchObject([
    { organisation: 'default', isThis: true, hasKey: true },
    { organisation: 'plant-north', isThis: false, hasKey: true },
  ])
  for (const name of ['plant-north', 'default']) {
    expect(await run(['org', 'switch', name])).toMatchObject({ code: 0, links: [] })
    expect((await run(['whoami'])).out).toContain(` of ${name})`)
  }
})

test('an organisation that one does not belong to is refused at once, whether it is there or not', async () => {
  for (const name of ['operators', 'no-such-place']) {
    const outcome = await run(['org', 'switch', name])
    expect(outcome).toMatchObject({ code: 4, err: expect.stringContaining('code: membership_missing'), links: [] })
    expect(outcome.err).toContain('skerry org mine')
  }
  expect((await run(['whoami'])).out).toContain(' of default)')
})

test('a stored key that was revoked is replaced by agreeing anew', async () => {
  const { others } = (await profile()) as { others: Record<string, string> }
  const key = String(others['plant-north'])
  const id = `key_${key.split('_')[1]}`
  expect((await hub.ask('DELETE', `/v1/account/keys/${id}`, { key })).status).toBe(200)
  const { code, links } = await run(['org', 'switch', 'plant-north'])
  expect({ code, links: links.length }).toEqual({ code: 0, links: 1 })
})

test('skerry logout ends the keys of all of them on the hub', async () => {
  const { key, others } = (await profile()) as { key: string; others: Record<string, string> }
  expect((await run(['logout'])).code).toBe(0)
  for (const each of [key, ...Object.values(others)])
    expect((await hub.ask('GET', '/v1/me', { key: each })).status).toBe(401)
})
