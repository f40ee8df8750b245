import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf } from '@skerry/platform/files/hash'
import { layoutFiles } from '@skerry/testkit/images/image-archive'
import { tarOf } from '@skerry/testkit/images/tar'
import { beforeEach, expect, test } from 'vitest'
import type { FakeHub } from '../../../test/fake-hub/fake-hub.ts'
import { cli, type TestFolder } from '../../../test/stage/cli.ts'
import { openSignedIn } from '../../../test/stage/signed-in.ts'

let hub: FakeHub
let folder: TestFolder
let env: Record<string, string>

beforeEach(async () => {
  const signedIn = await openSignedIn()
  ;({ hub, folder, env } = signedIn)
  return () => signedIn[Symbol.asyncDispose]()
})

const at = (name: string) => join(folder.path, name)
const archive = (name: string, damage = '') => {
  const bytes = tarOf(layoutFiles([{ name: 'web:1', layers: ['one', 'two'] }]))
  if (damage !== '') bytes.write(damage, bytes.indexOf('two'))
  return writeFile(at(name), bytes)
}

test('an example is written, checked and pushed, and the hub gets each blob of the image', async () => {
  const first = await cli(['app', 'init', folder.path], { env })
  expect(first.out).toContain('skerry app lint')
  await archive('web.tar')
  const lint = await cli(['app', 'lint', at('compose.yaml'), '--image', at('web.tar')], { env })
  expect(lint.code, lint.err).toBe(0)
  expect(lint.out).toMatch(/web +web:1 +64\.0 MiB +0\.5 +yes/)
  const words = ['app', 'push', 'dashboard', '--compose', at('compose.yaml'), '--image', at('web.tar')]
  const { code, err } = await cli([...words, '--alias', '@stable', '--label', 'run=1'], { env })
  expect(code, err).toBe(0)
  const [push] = hub.state.pushes
  expect(push).toMatchObject({ name: 'dashboard', aliases: ['stable'], labels: { run: '1' } })
  const blobs = push?.files.filter(({ path }) => path.startsWith('blobs/')) ?? []
  expect(push?.files.map(({ path }) => path).slice(0, 3)).toEqual(['app.json', 'compose.yaml', 'config.schema.json'])
  expect(blobs).toHaveLength(4)
  for (const { digest } of push?.files ?? []) {
    expect(digestOf(hub.state.blobs.get(digest) ?? Buffer.alloc(0))).toBe(digest)
  }
  const app = JSON.parse(String(hub.state.blobs.get(push?.files[0]?.digest ?? '')))
  expect(app).toMatchObject({
    v: 1,
    services: { web: { imageName: 'web:1', resources: { pids: 64 }, environment: { GREETING: 'hello' } } },
    config: { properties: { GREETING: { default: 'hello' } } },
  })
})

test('a file is never overwritten', async () => {
  await writeFile(at('compose.yaml'), 'mine')
  const { code, err } = await cli(['app', 'init', folder.path], { env })
  expect(code).toBe(1)
  expect(err).toContain('it exists')
  expect(await readFile(at('compose.yaml'), 'utf8')).toBe('mine')
})

test('each problem of the file is named with its line', async () => {
  const lines = ['services:', '  web:', '    image: web:1', '    privileged: true', '    volumes:', '      - /etc:/x']
  await writeFile(at('compose.yaml'), lines.join('\n'))
  const { code, err } = await cli(['app', 'lint', at('compose.yaml')], { env })
  expect(code).toBe(1)
  expect(err).toMatch(/compose\.yaml:4: services\.web\.privileged: .*delete the field/)
  expect(err).toMatch(/compose\.yaml:6: services\.web\.volumes\.0: it is a path of the device/)
})

test('a file that grows by its aliases is rejected', async () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  for (const [above, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'].map((pair) => pair.split(''))) {
    bomb.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${above}`).join(', ')}]`)
  }
  await writeFile(at('compose.yaml'), `${bomb.join('\n')}\nservices: {web: {image: web:1, command: *h}}`)
  const { code, err } = await cli(['app', 'lint', at('compose.yaml')], { env })
  expect(code).toBe(1)
  expect(err).toContain('alias')
})

test('a file that is nested too deeply is rejected', async () => {
  await writeFile(at('compose.yaml'), `services: ${'['.repeat(100_000)}`)
  const { code, err } = await cli(['app', 'lint', at('compose.yaml')], { env })
  expect(code).toBe(1)
  expect(err).toContain('compose.yaml')
})

test('an image that no archive has, and one with other bytes than its digest, are rejected', async () => {
  await cli(['app', 'init', folder.path], { env })
  const push = (...more: string[]) =>
    cli(['app', 'push', 'dashboard', '--compose', at('compose.yaml'), ...more], { env })
  const missing = await push()
  expect(missing.code).toBe(1)
  expect(missing.err).toContain('docker save -o FILE web:1')
  await archive('web.tar', 'owt')
  const damaged = await push('--image', at('web.tar'))
  expect(damaged.code).toBe(1)
  expect(damaged.err).toContain('other bytes than its digest')
  expect(hub.state.pushes).toEqual([])
})

test('a schema of settings that contradicts itself is rejected', async () => {
  await cli(['app', 'init', folder.path], { env })
  const properties = { LIMIT: { type: 'integer', default: 'many' } }
  await writeFile(at('config.schema.json'), JSON.stringify({ type: 'object', properties }))
  const { code, err } = await cli(['app', 'lint', at('compose.yaml')], { env })
  expect(code).toBe(1)
  expect(err).toContain('properties.LIMIT')
})

test('a secret in plain text is rejected, unless a person says that it is none', async () => {
  await writeFile(at('compose.yaml'), 'services: {web: {image: web:1, environment: {API_TOKEN: none-at-all}}}')
  const refused = await cli(['app', 'lint', at('compose.yaml')], { env })
  expect(refused.err).toContain('services.web.environment.API_TOKEN')
  const words = ['app', 'lint', at('compose.yaml'), '--not-secret', 'web.API_TOKEN']
  expect((await cli(words, { env })).code).toBe(0)
})
