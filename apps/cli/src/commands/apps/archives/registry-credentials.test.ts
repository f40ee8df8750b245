import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { storedLogin } from './registry-credentials.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-credentials-'))
  return () => rm(folder, { recursive: true, force: true })
})

const signal = () => AbortSignal.timeout(20_000)
const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') })
const docker = (content: object) => writeFile(join(folder, 'config.json'), JSON.stringify(content))
const login = (host: string, more: Record<string, string> = {}) =>
  storedLogin(host, { DOCKER_CONFIG: folder, PATH: process.env.PATH, ...more }, signal())

test('the sign-in of a tool is found by the name of the registry, with its port', async () => {
  expect(await login('registry.example')).toBeUndefined()
  await docker({ auths: { 'registry.example:5000': auth('ada:se:cret'), other: {} } })
  expect(await login('registry.example:5000')).toBe('ada:se:cret')
  expect(await login('registry.example')).toBeUndefined()
  expect(await login('constructor')).toBeUndefined()
})

test('the file of podman counts, too, and a damaged file hides no other', async () => {
  await writeFile(join(folder, 'config.json'), 'no json')
  await mkdir(join(folder, 'containers'))
  await writeFile(join(folder, 'containers/auth.json'), JSON.stringify({ auths: { registry: auth('pod:man') } }))
  expect(await login('registry', { XDG_RUNTIME_DIR: folder })).toBe('pod:man')
})

test('a helper gives the sign-in of a keychain, and one that is missing or fails gives none', async () => {
  const helper = join(folder, 'docker-credential-chain')
  await writeFile(
    helper,
    '#!/bin/sh\nread -r host\n[ "$host" = good ] || exit 1\necho \'{"Username":"ada","Secret":"kept"}\'\n',
  )
  await chmod(helper, 0o755)
  const PATH = `${folder}:${process.env.PATH}`
  await docker({ auths: { good: {} }, credHelpers: { good: 'chain', bad: 'chain', gone: 'none', evil: '../chain' } })
  expect(await login('good', { PATH })).toBe('ada:kept')
  for (const host of ['bad', 'gone', 'evil']) expect(await login(host, { PATH }), host).toBeUndefined()
})
