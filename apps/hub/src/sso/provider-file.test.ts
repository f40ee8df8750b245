import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readProviders } from './provider-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-sso-'))
  await writeFile(join(folder, 'secret'), 'planted secret\n')
})
afterAll(() => rm(folder, { recursive: true }))

const plant = { id: 'plant', label: 'Plant', issuer: 'https://login.plant.example/x', clientId: 'skerry' }

async function read(content: unknown, environment = {}) {
  const path = join(folder, 'sso.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return readProviders(path, environment)
}

test('the defaults are careful: only invited people, verified addresses, openid always', async () => {
  const result = await read({ providers: [{ ...plant, scopes: ['email'] }] })
  expect(result).toMatchObject({
    ok: true,
    providers: [
      { admit: 'invited', trustEmail: false, organisation: 'default', scopes: ['openid', 'email'], roles: [] },
    ],
  })
  expect(await readProviders(undefined, {})).toEqual({ ok: true, providers: [] })
})

test('a secret comes from a file beside it, or from the environment', async () => {
  const found = { ok: true, providers: [{ clientSecret: 'planted secret' }] }
  expect(await read({ providers: [{ ...plant, clientSecretFile: 'secret' }] })).toMatchObject(found)
  const variable = { providers: [{ ...plant, clientSecretVariable: 'SECRET' }] }
  expect(await read(variable, { SECRET: 'planted secret' })).toMatchObject(found)
  expect(await read(variable)).toMatchObject({ ok: false, message: expect.stringContaining('plant is empty') })
})

test.each([
  ['no valid JSON', '{'],
  ['no provider', { providers: [] }],
  ['an unknown field', { providers: [{ ...plant, clientSecret: 'in the open' }] }],
  ['http to another machine', { providers: [{ ...plant, issuer: 'http://login.plant.example' }] }],
  ['an issuer with a query', { providers: [{ ...plant, issuer: 'https://login.plant.example?x=1' }] }],
  ['an issuer with a password', { providers: [{ ...plant, issuer: 'https://u:p@login.plant.example' }] }],
  ['a role that only operators have', { providers: [{ ...plant, roles: [{ group: 'a', role: 'operator' }] }] }],
  ['a role that has no name', { providers: [{ ...plant, roles: [{ group: 'a', role: 'The King' }] }] }],
  ['everybody admitted without a role', { providers: [{ ...plant, admit: 'everybody' }] }],
  ['two secrets', { providers: [{ ...plant, clientSecretFile: 'secret', clientSecretVariable: 'X' }] }],
  ['a missing secret', { providers: [{ ...plant, clientSecretFile: 'none' }] }],
  ['an invalid certificate of the authority', { providers: [{ ...plant, caFile: 'secret' }] }],
  ['one id twice', { providers: [plant, plant] }],
])('a file with %s is rejected with its place', async (_, content) => {
  const result = await read(content)
  expect(result).toMatchObject({ ok: false, code: 'option_invalid', message: expect.stringContaining('--sso-file') })
  expect(JSON.stringify(result)).not.toContain('in the open')
})

test('http is allowed for a provider on this machine only', async () => {
  expect(await read({ providers: [{ ...plant, issuer: 'http://localhost:8080/realms/a' }] })).toMatchObject({
    ok: true,
  })
})
