/**
 * An app on the machine of a developer: `skerry app run` with a real container engine and without a hub.
 *
 * @module-tag deep a container engine and processes; the decisions about containers have unit tests
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { busyboxImage, hasBusybox, writeImageArchive } from '@skerry/testkit/containers/busybox-image'
import { type DockerEngine, hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { freePort } from '@skerry/testkit/free-port'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { until } from '@skerry/testkit/until'
import { afterAll, beforeAll, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '../../apps/cli/src/main.ts')
const canRun = hasDocker && hasBusybox

let folder: string
let engine: DockerEngine

beforeAll(async () => {
  if (!canRun) return
  folder = await mkdtemp(join(tmpdir(), 'skerry-local-run-'))
  engine = await startDockerEngine()
})

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]()
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

const start = (...words: string[]) => {
  const env = { ...process.env, SKERRY_HOME: folder, DOCKER_HOST: `unix://${engine.socket}` }
  return spawn(process.execPath, [MAIN, 'app', 'run', ...words], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function ended(child: ReturnType<typeof start>) {
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { out, err, code }
}

const left = async () => (await engine.docker('ps', '--all', '--format', '{{.Names}}')).trim()

async function writeApp(line: string, compose: string): Promise<void> {
  const image = await busyboxImage(line, { 'www/index.html': 'hello' })
  await writeImageArchive(image, { path: join(folder, 'web.tar'), name: 'web:1' })
  await engine.docker('load', '--input', join(folder, 'web.tar'))
  await writeFile(join(folder, 'compose.yaml'), compose)
}

const HEALTHY = (port: number) => `services:
  web:
    image: web:1
    ports: ['${port}:80']
    environment: { GREETING: nobody }
    secrets: [password]
    x-skerry-data: [limits]
    volumes: ['kept:/kept']
    stop_signal: SIGKILL
    healthcheck: { test: [CMD, wget, -q, -O, /dev/null, 'http://127.0.0.1/'], interval: 300ms, timeout: 2s, retries: 3 }
volumes: { kept: }
secrets: { password: { external: true } }
`

test.skipIf(!canRun)(
  'an app of the local engine runs with its settings, secrets and data, and leaves only its volume',
  async () => {
    const port = await freePort()
    const line =
      'echo "$GREETING $(cat /run/secrets/password) $(cat /run/data/limits/current/low)"; exec httpd -f -p 80 -h /www'
    await writeApp(line, HEALTHY(port))
    const schema = { type: 'object', properties: { GREETING: { type: 'string' } } }
    await writeFile(join(folder, 'config.schema.json'), JSON.stringify(schema))
    await writeFile(join(folder, 'password.txt'), 'open-sesame')
    await mkdir(join(folder, 'limits'))
    await writeFile(join(folder, 'limits/low'), '17')
    const words = ['--image', 'engine://web:1', '--set', 'GREETING=ada']
    const lacking = await ended(start(...words))
    expect(lacking).toMatchObject({ code: 1, err: expect.stringContaining('--secret password=FILE') })
    const child = start(...words, '--secret', 'password=password.txt', '--data', 'limits=limits')
    const done = ended(child)
    const answer = () => fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())
    await until(
      () =>
        answer().then(
          (page) => page === 'hello',
          () => false,
        ),
      { what: 'the page' },
    )
    await until(async () => (await engine.docker('inspect', 'skerry_local_run_web_v0')).includes('"healthy"'), {
      what: 'its health',
    })
    child.kill('SIGINT')
    const { out } = await done
    expect(out).toContain('web ada open-sesame 17')
    expect(await left()).toBe('')
    expect(await engine.docker('volume', 'ls', '--format', '{{.Name}}')).toContain('skerry_local_run_kept')
    expect(await engine.docker('network', 'ls', '--format', '{{.Name}}')).not.toContain('skerry')
  },
)

test.skipIf(!canRun)('a release that a device would return ends the command with its reason', async () => {
  await writeApp('echo no way; exit 7', 'services:\n  web:\n    image: web:1\n    restart: "no"\n')
  await rm(join(folder, 'config.schema.json'), { force: true })
  const { code, out, err } = await ended(start('--image', 'web.tar'))
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('exit code 7') })
  expect(out).toContain('web no way')
  expect(await left()).toBe('')
})

test.skipIf(!canRun)('--until-up ends as soon as the app is healthy, and an engine that is away is named', async () => {
  await writeApp('exec sleep 1000000', 'services:\n  web:\n    image: web:1\n    stop_signal: SIGKILL\n')
  expect((await ended(start('--image', 'web.tar', '--until-up'))).code).toBe(0)
  expect(await left()).toBe('')
  const { code, err } = await ended(start('--image', 'web.tar', '--engine', join(folder, 'none.sock')))
  expect({ code, err }).toMatchObject({ code: 3, err: expect.stringContaining('none.sock') })
})

/** All fields of the subset that decide how a container runs, in the forms that people write. */
const CONFORMING = (port: number) => `services:
  web:
    image: web:1
    command: ['/bin/sh', '-c', 'echo started; exec sleep 1000000']
    entrypoint: []
    environment: ['MODE=live', 'EMPTY=']
    user: '1000:1000'
    working_dir: /tmp
    ports: ['127.0.0.1:${port}:80', { target: 53, published: '${port}', host_ip: 127.0.0.1, protocol: udp }]
    volumes: ['data:/data:ro', { type: volume, source: data, target: /more }]
    tmpfs: [/run]
    read_only: true
    healthcheck: { test: 'true', interval: 1m30s, timeout: 500ms, retries: 5, start_period: 2s }
    deploy: { resources: { limits: { cpus: '0.5', memory: 64M, pids: 20 } } }
    restart: on-failure
    stop_grace_period: 2s
    stop_signal: SIGKILL
volumes: { data: }
`

type Described = {
  Config: Record<string, unknown> & { Env: string[] }
  HostConfig: Record<string, unknown>
  Mounts: { Type: string; Destination: string; RW: boolean }[]
}

/** The parts of a container by which Compose defines how it runs. */
async function described(name: string) {
  const [{ Config, HostConfig, Mounts }] = JSON.parse(await engine.docker('inspect', name)) as [Described]
  const { Cmd, User, WorkingDir, StopSignal, StopTimeout, Healthcheck, ExposedPorts } = Config
  const { Memory, NanoCpus, PidsLimit, PortBindings, ReadonlyRootfs, RestartPolicy, Tmpfs } = HostConfig
  const config = { Cmd, User, WorkingDir, StopSignal, StopTimeout, ExposedPorts, env: Config.Env.toSorted() }
  const host = { Memory, NanoCpus, PidsLimit, PortBindings, ReadonlyRootfs, RestartPolicy, Tmpfs }
  const mounts = Mounts.map(({ Type, Destination, RW }) => `${Type} ${Destination} ${RW}`).toSorted()
  return { config, host, mounts, health: Healthcheck }
}

test.skipIf(!canRun || !isInstalled('docker-compose', 'version'))(
  'a file of the subset gives the same container as docker-compose',
  async () => {
    await writeApp('exec sleep 1000000', CONFORMING(await freePort()))
    const compose = (...words: string[]) =>
      promisify(execFile)(
        'docker-compose',
        ['--file', join(folder, 'compose.yaml'), '--project-name', 'bare', ...words],
        {
          env: { ...process.env, DOCKER_HOST: `unix://${engine.socket}` },
        },
      )
    await compose('up', '--detach', '--pull', 'never')
    const bare = await described('bare-web-1')
    await compose('down', '--volumes')
    const child = start('--image', 'engine://web:1')
    const done = ended(child)
    await until(async () => (await left()).includes('skerry_local_run_web_v0'), { what: 'the container' })
    const own = await described('skerry_local_run_web_v0')
    child.kill('SIGINT')
    await done
    expect(own).toEqual(bare)
  },
)
