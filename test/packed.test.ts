/** What `npm run pack` makes, installed as npm would: JavaScript below node_modules, where Node strips no types. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const run = promisify(execFile)
let folder = ''
let packages = ''

beforeAll(async () => {
  await run(process.execPath, [join(ROOT, 'scripts/pack.ts')])
  folder = await mkdtemp(join(tmpdir(), 'skerry-packed-'))
  packages = join(folder, 'node_modules/@skerry')
  await mkdir(packages, { recursive: true })
  const packed = await readdir(join(ROOT, '.skerry/packages'), { withFileTypes: true })
  for (const { name } of packed.filter((entry) => entry.isDirectory())) {
    await cp(join(ROOT, '.skerry/packages', name), join(packages, name), { recursive: true })
  }
  // What they depend on is the same as here.
  const others = (await readdir(join(ROOT, 'node_modules'))).filter((name) => name !== '@skerry')
  for (const name of others) await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
}, 120_000)

afterAll(() => rm(folder, { recursive: true }))

test('the command runs', async () => {
  const { stdout } = await run(process.execPath, [join(packages, 'cli/bin/skerry.mjs'), 'version'])
  expect(stdout).toMatch(/^skerry \d+\.\d+\.\d+/)
})

test.each(['hub', 'agent'])('the %s runs', async (app) => {
  const { stdout } = await run(process.execPath, [join(packages, app, 'dist/main.js'), '--help'])
  expect(stdout).toContain(`Usage: skerry ${app}`)
})

test('the hub starts, with everything that it loads', async () => {
  const args = [join(packages, 'hub/dist/main.js'), '--data', join(folder, 'hub'), '--listen', '127.0.0.1:0']
  const hub = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  for await (const chunk of hub.stderr) {
    log += chunk
    if (log.includes('hub_ready')) break
  }
  hub.kill()
  const [code] = await once(hub, 'exit')
  expect(log).toContain('hub_ready')
  expect(code).toBe(0)
})

test('no test and no source goes along', async () => {
  const files = await readdir(packages, { recursive: true })
  expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\/src\//.test(file))).toEqual([])
})
