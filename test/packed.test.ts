/**
 * The output of `npm run pack`, installed as npm would: JavaScript below node_modules, where Node strips no types. And
 * the image out of it.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { createClient } from '@skerry/client/client'
import { buildModel } from '@skerry/onnx/build'
import { writeModel } from '@skerry/onnx/write'
import { type DockerEngine, hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { PATIENCE_MS } from '@skerry/testkit/patience'
import { deep } from '@skerry/testkit/tier'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hubAuthority } from '../examples/stage/hub-authority.ts'
import { floatTensor, pushModel } from '../examples/stage/push.ts'

const ROOT = join(import.meta.dirname, '..')
const run = promisify(execFile)
let folder = ''
let packages = ''

/** The declarations take 90 s of processor and nothing here runs them: the deep tier makes them too. */
const PACK_OPTIONS = process.env.SKERRY_TEST_TIER === 'deep' ? [] : ['--javascript']

beforeAll(async () => {
  await run(process.execPath, [join(ROOT, 'scripts/pack.ts'), ...PACK_OPTIONS])
  folder = await mkdtemp(join(tmpdir(), 'skerry-packed-'))
  packages = join(folder, 'node_modules/@skerry')
  await mkdir(packages, { recursive: true })
  const packed = await readdir(join(ROOT, '.skerry/packages'), { withFileTypes: true })
  for (const { name } of packed.filter((entry) => entry.isDirectory())) {
    await cp(join(ROOT, '.skerry/packages', name), join(packages, name), { recursive: true })
  }
  // Their dependencies are the same as here.
  const others = (await readdir(join(ROOT, 'node_modules'))).filter((name) => name !== '@skerry')
  for (const name of others) await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
}, 600_000)

afterAll(() => rm(folder, { recursive: true }))

test('the command runs', async () => {
  const { stdout } = await run(process.execPath, [join(packages, 'cli/bin/skerry.mjs'), 'version'])
  expect(stdout).toMatch(/^skerry \d+\.\d+\.\d+/)
})

test.each(['hub', 'agent'])('the %s runs', async (app) => {
  const { stdout } = await run(process.execPath, [join(packages, app, 'dist/main.js'), '--help'])
  expect(stdout).toContain(`Usage: skerry ${app}`)
})

test('the hub starts, with all modules that it loads', async () => {
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

test('one file has all of them: its start is a hub, which serves the documentation', async () => {
  const whole = join(folder, 'whole')
  await mkdir(whole)
  await run('tar', ['-xzf', join(ROOT, '.skerry/packages/skerry.tgz'), '-C', whole])
  const address = `127.0.0.1:${await freePort()}`
  const args = ['start', '--data', join(folder, 'whole-hub'), '--listen', address]
  const hub = spawn(process.execPath, [join(whole, 'package/bin/skerry.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // The hub keeps logging, so somebody must keep reading.
  await new Promise<void>((resolve, reject) => {
    let log = ''
    hub.stderr.on('data', (chunk) => {
      log += chunk
      if (log.includes('hub_ready')) resolve()
    })
    hub.once('exit', () => reject(new Error(log)))
  })
  const { stdout } = await run('curl', ['-sk', `https://${address}/guide/`])
  hub.kill()
  await once(hub, 'exit')
  expect(stdout).toContain('<title>Skerry</title>')
})

test('packages contain no tests and no sources', async () => {
  const files = await readdir(packages, { recursive: true })
  expect(files.filter((file) => /(?<!\.d)\.ts$|\.test\.|\/src\//.test(file))).toEqual([])
})

test(
  'each package has its declarations',
  deep('the compiler writes declarations for 90 seconds of processor'),
  async () => {
    const files = await readdir(packages, { recursive: true })
    const bare = (await readdir(packages)).filter(
      (name) => !files.some((file) => file.startsWith(`${name}/dist/`) && file.endsWith('.d.ts')),
    )
    expect(bare).toEqual([])
  },
)

describe.skipIf(!hasDocker)(
  'as an image',
  deep('Docker builds the image for minutes; the tests above run the same packages'),
  () => {
    const kept: { engine?: DockerEngine } = {}
    beforeAll(async () => {
      await run(process.execPath, [join(ROOT, 'scripts/image.ts'), '--packed'])
      const engine = await startDockerEngine()
      kept.engine = engine
      const context = join(ROOT, '.skerry/image')
      await engine.docker(
        'build',
        '--quiet',
        '--file',
        join(ROOT, 'deploy/Dockerfile'),
        '--tag',
        'skerry/hub:test',
        context,
      )
    })
    afterAll(() => kept.engine?.[Symbol.asyncDispose](), 180_000)

    test('it runs as an unprivileged user, without a shell, on a read-only disk, and stores a model', async () => {
      const docker = kept.engine?.docker ?? (async () => '')
      const url = `https://127.0.0.1:${await freePort()}`
      const closed = ['--read-only', '--tmpfs', '/tmp', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']
      const health = ['--env', `SKERRY_HEALTH_URL=${url}/readyz`, '--health-interval', '1s']
      const args = ['--data', '/var/lib/skerry', '--listen', url.slice('https://'.length)]
      await docker(
        'run',
        '--detach',
        '--pull',
        'never',
        '--name',
        'hub',
        '--network',
        'host',
        ...closed,
        ...health,
        'skerry/hub:test',
        ...args,
      )
      const state = () => docker('inspect', '--format', '{{.State.Health.Status}} {{.Config.User}}', 'hub')
      await vi.waitFor(async () => expect(await state()).toBe('healthy 10001:10001\n'), {
        timeout: PATIENCE_MS,
        interval: 300,
      })
      await expect(docker('exec', 'hub', '/bin/sh', '-c', 'true')).rejects.toThrow()

      const [, key = '', fingerprint = ''] =
        /--key (sk_\S+) --ca-fingerprint (\S+)/.exec(await docker('logs', 'hub')) ?? []
      setDefaultCACertificates([...getCACertificates('default'), await hubAuthority(url, fingerprint)])
      const connection = { hub: url, key }
      const x = (name: string) => ({ name, datatype: 'FP32' as const, shape: [-1] })
      const relu = { operator: 'Relu', inputs: ['x'], outputs: ['y'] }
      const bytes = new Uint8Array(writeModel(buildModel({ inputs: [x('x')], outputs: [x('y')], nodes: [relu] })))
      const golden = { cases: [{ inputs: { x: floatTensor([2], [-1, 2]) } }] }
      const pushed = await pushModel({ client: createClient(connection), connection }, { name: 'relu', bytes, golden })
      expect(pushed).toMatchObject({ created: true })
      await docker('stop', 'hub')
      expect(await docker('inspect', '--format', '{{.State.ExitCode}}', 'hub')).toBe('0\n')
    })
  },
)
