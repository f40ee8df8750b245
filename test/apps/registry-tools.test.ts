/**
 * The registry of a hub with tools of others: skopeo, Docker, Podman and oras push to it and pull from it, and a release takes
 * its image from there.
 *
 * @module-tag deep container tools and a container engine; registry.test.ts shows each clause
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { busyboxImage, hasBusybox, writeImageArchive } from '@skerry/testkit/containers/busybox-image'
import { type DockerEngine, hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { hasPodman, type PodmanEngine, startPodmanEngine } from '@skerry/testkit/containers/podman-engine'
import { freePort } from '@skerry/testkit/free-port'
import { isInstalled } from '@skerry/testkit/judges/judge'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CommandLine, commandLine } from '../../examples/stage/command-line.ts'
import { type HubProgram, newHubHome, startHub } from '../../examples/stage/fleet.ts'

const hasSkopeo = hasBusybox && isInstalled('skopeo', '--version')
const hasOras = isInstalled('oras', 'version')
const run = promisify(execFile)

const DPKG = 'Package: libold\nStatus: install ok installed\nSource: old\nVersion: 1.0-1\n'

let folder: string
let hub: HubProgram
let registry: string
let skerry: CommandLine
let archive: string
let certificates: string
let engine: DockerEngine | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-registry-'))
  const port = await freePort()
  registry = `localhost:${port}`
  const home = await newHubHome(folder)
  hub = await startHub({ ...home, args: ['--registry-listen', `127.0.0.1:${port}`] })
  skerry = commandLine(hub, folder)
  certificates = join(folder, 'certificates')
  await mkdir(certificates)
  await writeFile(join(certificates, 'ca.crt'), await readFile(hub.authorityPath))
  archive = join(folder, 'web.tar')
  if (hasBusybox)
    await writeImageArchive(await busyboxImage('echo hello', { 'var/lib/dpkg/status': DPKG }), {
      path: archive,
      name: 'web:1',
    })
})

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]()
  await hub?.stop()
  await rm(folder, { recursive: true, force: true })
})

const login = () => `skerry:${hub.connection.key}`
const copy = (...words: string[]) => run('skopeo', ['copy', '--insecure-policy', ...words])
const toHub = () => ['--dest-creds', login(), '--dest-cert-dir', certificates]
const fromHub = () => ['--src-creds', login(), '--src-cert-dir', certificates]
const at = (name: string) => `docker://${registry}/${name}`

test.skipIf(!hasSkopeo)('skopeo copies an image to the hub, within it, and back; it lists and removes it', async () => {
  await copy(...toHub(), `docker-archive:${archive}`, at('plant/web:1'))
  await copy(...fromHub(), ...toHub(), at('plant/web:1'), at('other/web:1'))
  const layout = join(folder, 'layout')
  await copy(...fromHub(), at('other/web:1'), `oci:${layout}:1`)
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'))
  expect(index.manifests).toHaveLength(1)
  const sign = ['--creds', login(), '--cert-dir', certificates]
  const { stdout } = await run('skopeo', ['list-tags', ...sign, at('plant/web')])
  expect(JSON.parse(stdout).Tags).toEqual(['1'])
  await run('skopeo', ['delete', ...sign, at('other/web:1')])
  await expect(run('skopeo', ['inspect', ...sign, at('other/web:1')])).rejects.toThrow(/manifest/i)
  const images = JSON.parse(await skerry('image', 'ls', '-o', 'json'))
  expect(images).toMatchObject([{ repository: 'plant/web', tags: ['1'] }])
})

test.skipIf(!hasSkopeo)('a wrong key is rejected in the words of the tool', async () => {
  const wrong = ['--creds', 'skerry:sk_abcdefgh_wrong', '--cert-dir', certificates]
  await expect(run('skopeo', ['list-tags', ...wrong, at('plant/web')])).rejects.toThrow(/unauthorized|authentication/i)
})

test.skipIf(!hasSkopeo)('a release takes its image from the registry, and no layer is sent again', async () => {
  await copy(...toHub(), `docker-archive:${archive}`, at('plant/web:1'))
  await writeFile(join(folder, 'compose.yaml'), 'services:\n  web:\n    image: plant/web:1\n    user: "1000"\n')
  const pushed = JSON.parse(await skerry('app', 'push', 'dash', '--image', 'hub://plant/web:1', '-o', 'json'))
  expect(pushed.version).toMatchObject({ kind: 'app', version: 1 })
  const { files } = await hub.client.model.getVersion({ name: 'dash', version: '1' })
  expect(files.filter(({ path }) => path.startsWith('blobs/')).length).toBeGreaterThanOrEqual(4)
  const range = { type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '1.0-2' }] }
  const affected = [{ package: { ecosystem: 'Debian', name: 'old' }, ranges: [range] }]
  await writeFile(join(folder, 'osv.json'), JSON.stringify({ id: 'CVE-1', modified: '2026-01-01T00:00:00Z', affected }))
  await skerry('vulnerability', 'import', 'osv.json')
  expect(await skerry('vulnerability', 'explain', 'CVE-1')).toContain(
    '1.0-1 is in the range from 0 before 1.0-2; fixed in 1.0-2',
  )
})

test.skipIf(!hasBusybox || !hasPodman)(
  'podman pushes an image, and another store of it pulls the same one',
  async () => {
    const trust = ['--creds', login(), '--cert-dir', certificates]
    const name = `${registry}/plant/by-podman:1`
    const idIn = async ({ podman }: PodmanEngine, image: string) =>
      (await podman('image', 'inspect', '--format', '{{.Id}}', image)).trim()
    let pushed: string
    {
      await using one = await startPodmanEngine()
      const loaded = await one.podman('load', '--input', archive)
      const [, image = ''] = /Loaded image: (\S+)/.exec(loaded) ?? []
      pushed = await idIn(one, image)
      await one.podman('push', ...trust, image, `docker://${name}`)
    }
    await using two = await startPodmanEngine()
    await two.podman('pull', ...trust, name)
    expect(await idIn(two, name)).toBe(pushed)
  },
)

test.skipIf(!hasOras)(
  'oras pushes an artefact, attaches another to it, discovers it, and pulls the same bytes',
  async () => {
    const model = randomBytes(5_000_000)
    await writeFile(join(folder, 'model.onnx'), model)
    await writeFile(join(folder, 'note.txt'), 'approved')
    const trust = ['--ca-file', hub.authorityPath, '--username', 'skerry', '--password', String(hub.connection.key)]
    const oras = (...words: string[]) => run('oras', words, { cwd: folder })
    // oras takes "localhost" for a registry without TLS.
    const name = `${registry.replace('localhost', '127.0.0.1')}/models/pump:1`
    await oras('push', ...trust, name, '--artifact-type', 'application/x.model', 'model.onnx:application/x.onnx')
    await oras('attach', ...trust, name, '--artifact-type', 'application/x.note', 'note.txt:text/plain')
    const { stdout } = await oras('discover', ...trust, name, '--format', 'json')
    expect(stdout).toContain('application/x.note')
    await mkdir(join(folder, 'pulled'))
    await oras('pull', ...trust, name, '-o', 'pulled')
    expect((await readFile(join(folder, 'pulled/model.onnx'))).equals(model)).toBe(true)
  },
)

test.skipIf(!hasOras)(
  'a model that oras pushed is imported from the registry, with its weights and its origin',
  async () => {
    const model = await readFile(join(import.meta.dirname, '../../examples/sensor-anomaly/model-v1.onnx'))
    await mkdir(join(folder, 'artefact'))
    await writeFile(join(folder, 'artefact/press.onnx'), model)
    await writeFile(join(folder, 'artefact/README.md'), '# A model')
    const trust = ['--ca-file', hub.authorityPath, '--username', 'skerry', '--password', String(hub.connection.key)]
    const name = `${registry.replace('localhost', '127.0.0.1')}/models/press:1`
    const files = ['press.onnx:application/vnd.cncf.model.weight.v1.raw', 'README.md:text/markdown']
    const type = ['--artifact-type', 'application/vnd.cncf.model.manifest.v1+json']
    await run('oras', ['push', ...trust, name, ...type, ...files], { cwd: join(folder, 'artefact') })
    const token = join(folder, 'login.txt')
    await writeFile(token, `${login()}\n`)
    const words = ['model', 'import', `oci://${name}`, '--ca', hub.authorityPath]
    await expect(skerry(...words)).rejects.toThrow('needs credentials')
    await skerry(...words, '--token-file', token)
    const shown = JSON.parse(await skerry('model', 'show', 'press:1', '--json'))
    expect(shown).toMatchObject({
      files: [{ path: 'model.onnx', sizeBytes: model.length }],
      labels: { 'imported-from': 'oci' },
      lineage: { source: { uri: `oci://${name}` }, tool: 'skerry model import' },
    })
  },
)

test.skipIf(!hasOras)(
  'oras pulls a version of a model as an artefact of ModelPack, and another hub can import it',
  async () => {
    const model = join(import.meta.dirname, '../../examples/sensor-anomaly/model-v1.onnx')
    await skerry('model', 'push', model, '--name', 'pump', '--alias', '@good')
    const trust = ['--ca-file', hub.authorityPath, '--username', 'skerry', '--password', String(hub.connection.key)]
    const name = `${registry.replace('localhost', '127.0.0.1')}/skerry/pump`
    const { stdout: tags } = await run('oras', ['repo', 'tags', ...trust, name])
    expect(tags.split('\n').filter(Boolean)).toEqual(['1', 'good', 'latest'])
    const { stdout } = await run('oras', ['manifest', 'fetch', ...trust, `${name}:good`])
    expect(JSON.parse(stdout)).toMatchObject({ artifactType: 'application/vnd.cncf.model.manifest.v1+json' })
    await run('oras', ['pull', ...trust, `${name}:1`, '-o', join(folder, 'pump')])
    expect(await readdir(join(folder, 'pump'))).toEqual(['model.onnx'])
    expect(await readFile(join(folder, 'pump/model.onnx'))).toEqual(await readFile(model))
    await writeFile(join(folder, 'login.txt'), `${login()}\n`)
    const words = ['model', 'import', `oci://${name}:good`, '--ca', hub.authorityPath, '--token-file']
    await skerry(...words, join(folder, 'login.txt'), '--name', 'copied')
    const copied = JSON.parse(await skerry('model', 'show', 'copied:1', '--json'))
    const pushed = JSON.parse(await skerry('model', 'show', 'pump:1', '--json'))
    expect(copied.files).toEqual(pushed.files)
    await expect(run('oras', ['push', ...trust, `${name}:9`, 'login.txt'], { cwd: folder })).rejects.toThrow(/denied/i)
  },
)

test.skipIf(!hasSkopeo)(
  'a release takes its image from a registry that needs a password, without the hub',
  async () => {
    await copy(...toHub(), `docker-archive:${archive}`, at('secret/web:1'))
    await writeFile(join(folder, 'compose.yaml'), 'services:\n  web:\n    image: web:1\n    user: "1000"\n')
    const image = `web:1=oci://${registry.replace('localhost', '127.0.0.1')}/secret/web:1`
    const words = ['app', 'push', 'foreign', '--image', image, '--ca', hub.authorityPath]
    await expect(skerry(...words)).rejects.toThrow('needs credentials')
    await writeFile(join(folder, 'login.txt'), 'skerry:sk_abcdefgh_wrong\n')
    await expect(skerry(...words, '--token-file', join(folder, 'login.txt'))).rejects.toThrow('rejects the')
    await writeFile(join(folder, 'login.txt'), `${login()}\n`)
    await skerry(...words, '--token-file', join(folder, 'login.txt'))
    const { files } = await hub.client.model.getVersion({ name: 'foreign', version: '1' })
    expect(files.filter(({ path }) => path.startsWith('blobs/')).length).toBeGreaterThanOrEqual(4)
  },
)

test.skipIf(!hasSkopeo || !hasDocker)(
  'Docker signs in, pulls an image, pushes it under another name, and runs it',
  async () => {
    await copy(...toHub(), `docker-archive:${archive}`, at('plant/web:1'))
    engine = await startDockerEngine()
    // Docker takes registries of this machine without a look at their certificate.
    const name = registry.replace('localhost', '127.0.0.1')
    await engine.docker('login', '-u', 'skerry', '-p', String(hub.connection.key), name)
    try {
      await engine.docker('pull', `${name}/plant/web:1`)
      expect(await engine.docker('run', '--rm', '--network=none', `${name}/plant/web:1`)).toBe('hello\n')
      await engine.docker('tag', `${name}/plant/web:1`, `${name}/plant/copy:2`)
      await engine.docker('push', `${name}/plant/copy:2`)
    } finally {
      await engine.docker('logout', name)
    }
    const images = JSON.parse(await skerry('image', 'ls', 'plant/copy', '-o', 'json'))
    expect(images).toMatchObject([{ repository: 'plant/copy', tags: ['2'] }])
  },
)
