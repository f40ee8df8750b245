/** The .deb and the image of the agent, made of a small package in which a stub stands for the agent and its launcher. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TAR_END, tarEntry } from '@skerry/platform/files/tar-write'
import { expect, onTestFinished, test } from 'vitest'
import { buildAgentImage } from './agent-image.ts'
import { buildDeb, canBuildDeb } from './deb-package.ts'
import { PROGRAM_FOLDER } from './seed.ts'

type Content = { path: string; bytes: Buffer; isProgram?: boolean }

const tarOf = (files: readonly Content[]) => Buffer.concat([...files.flatMap((file) => [...tarEntry(file)]), TAR_END])
const digestOf = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const HOME = 'node_modules/@skerry/agent/dist'
/** Small programs with libraries: in place of Node, and of the binding of onnxruntime. */
const PROGRAM = '/bin/true'
const BINDING = `node_modules/onnxruntime-node/bin/napi-v6/linux/${process.arch}/onnxruntime_binding.node`

async function smallPackage(): Promise<string> {
  const program = await readFile(PROGRAM)
  const code = tarOf([
    { path: `${HOME}/main.js`, bytes: Buffer.from('// The agent\n') },
    {
      path: `${HOME}/launcher/launcher.js`,
      bytes: Buffer.from('process.stdout.write(JSON.stringify(process.argv.slice(2)))\n'),
    },
    { path: BINDING, bytes: program },
  ])
  const parts = [
    { path: 'parts/code.tar', bytes: code, form: 'archive' },
    { path: 'node', bytes: program, form: 'program' },
  ]
  const manifest = {
    v: 1,
    version: '0.3.0-rc.1',
    architectures: [process.arch],
    node: { version: '24.0.0', path: 'node' },
    entry: `${HOME}/main.js`,
    launcher: `${HOME}/launcher/launcher.js`,
    parts: parts.map(({ path, bytes, form }) => ({ path, form, digest: digestOf(bytes), sizeBytes: bytes.length })),
  }
  const file = join(await newFolder(), 'agent.tar')
  await writeFile(file, tarOf([{ path: 'agent.json', bytes: Buffer.from(JSON.stringify(manifest)) }, ...parts]))
  return file
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-seed-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0

const run = (program: string, ...words: string[]) => execFileSync(program, words, { encoding: 'utf8' })

async function unpackedImage() {
  const folder = await newFolder()
  await buildAgentImage({ packageFile: await smallPackage(), target: join(folder, 'image.tar.gz') })
  run('tar', '-xzf', join(folder, 'image.tar.gz'), '-C', folder)
  const read = async (path: string) => JSON.parse(await readFile(join(folder, path), 'utf8'))
  const blob = async (digest: string) => {
    const bytes = await readFile(join(folder, 'blobs/sha256', digest.slice('sha256:'.length)))
    expect(digestOf(bytes)).toBe(digest)
    return bytes
  }
  return { folder, read, blob }
}

test('the image has an OCI layout and the manifest of older engines, which name the same verified files', async () => {
  const { read, blob } = await unpackedImage()
  const [described] = (await read('index.json')).manifests
  const manifest = JSON.parse((await blob(described.digest)).toString())
  const config = JSON.parse((await blob(manifest.config.digest)).toString())
  expect(config).toMatchObject({
    os: 'linux',
    config: { User: '10001:10001', Volumes: { '/var/lib/skerry-agent': {} } },
    rootfs: { diff_ids: [manifest.layers[0].digest] },
  })
  await blob(manifest.layers[0].digest)
  expect(await read('manifest.json')).toEqual([
    {
      Config: `blobs/sha256/${manifest.config.digest.slice(7)}`,
      RepoTags: ['skerry/agent:0.3.0-rc.1'],
      Layers: [`blobs/sha256/${manifest.layers[0].digest.slice(7)}`],
    },
  ])
})

test('the image has the libraries of its programs, and folders that its user may write to', async () => {
  const { folder, read } = await unpackedImage()
  const [{ Layers }] = await read('manifest.json')
  const listed = run('tar', '-tvf', join(folder, Layers[0]), '--numeric-owner')
  expect(listed).toMatch(/10001\/10001 .* var\/lib\/skerry-agent\/$/m)
  const rootfs = join(folder, 'rootfs')
  await mkdir(rootfs)
  run('tar', '-xf', join(folder, Layers[0]), '-C', rootfs, '--no-same-owner')
  // The loader of the image starts the program with the libraries of the image, and no others.
  const loader = (await readdir(join(rootfs, 'lib64'))).find((name) => name.startsWith('ld-')) ?? ''
  const libraries = run('find', rootfs, '-name', 'libc.so.6', '-printf', '%h').trim()
  run(join(rootfs, 'lib64', loader), '--inhibit-cache', '--library-path', libraries, join(rootfs, 'usr/bin/node'))
})

async function unpackedDeb() {
  const folder = await newFolder()
  const deb = join(folder, 'agent.deb')
  await buildDeb({ packageFile: await smallPackage(), target: deb })
  run('dpkg-deb', '--raw-extract', deb, join(folder, 'root'))
  return { folder, deb, root: join(folder, 'root'), programs: join(folder, 'root', PROGRAM_FOLDER) }
}

test.runIf(canBuildDeb())('the .deb has the version, a unit and scripts that a shell can read', async () => {
  const { deb, root, programs } = await unpackedDeb()
  expect(run('dpkg-deb', '--field', deb, 'Package', 'Version')).toBe('Package: skerry-agent\nVersion: 0.3.0~rc.1\n')
  expect(run('dpkg-deb', '--contents', deb)).toMatch(/^drwxr-xr-x root\/root .* \.\/$/m)
  for (const name of ['postinst', 'prerm', 'postrm']) run('sh', '-n', join(root, 'DEBIAN', name))
  run('sh', '-n', join(root, 'usr/bin/skerry-agent-join'))
  const unit = await readFile(join(root, 'usr/lib/systemd/system/skerry-agent.service'), 'utf8')
  expect(unit).toMatch(
    /^ExecStart=\/usr\/lib\/skerry-agent\/bin\/node .*agent-start\.mjs \/var\/lib\/skerry-agent --join-file .* \$SKERRY_OPTIONS$/m,
  )
  const [seed = ''] = await readdir(join(programs, 'seed'))
  // One file with two names: Node is large.
  expect((await stat(join(programs, 'bin/node'))).ino).toBe((await stat(join(programs, 'seed', seed, 'node'))).ino)
})

test.runIf(canBuildDeb() && hasAnalyze)(
  'the unit of the .deb is valid, and is exposed no more than the unit of deploy',
  async () => {
    const { folder, root } = await unpackedDeb()
    const path = join(folder, 'skerry-agent.service')
    const text = await readFile(join(root, 'usr/lib/systemd/system/skerry-agent.service'), 'utf8')
    // The program is not installed on this computer.
    await writeFile(path, text.replace('/usr/lib/skerry-agent/bin/node', '/usr/bin/env'))
    const verified = spawnSync('systemd-analyze', ['verify', '--recursive-errors=no', path], { encoding: 'utf8' })
    expect(verified.status, verified.stderr).toBe(0)
    expect(verified.stderr).not.toContain('skerry-agent.service:')
    run('systemd-analyze', 'security', '--offline=true', '--threshold=45', '--no-pager', path)
  },
)

/** Starts as the unit does, with the Node of these tests. */
const start = (programs: string, state: string) =>
  JSON.parse(run(process.execPath, '--no-warnings', join(programs, 'agent-start.mjs'), state, '--listen', 'x'))

test.runIf(canBuildDeb())(
  'the first start places the version, and later ones leave the choice of the hub alone',
  async () => {
    const { folder, programs } = await unpackedDeb()
    const state = join(folder, 'state')
    const [seed = ''] = await readdir(join(programs, 'seed'))
    // A start that was cut short leaves a part of a copy.
    await mkdir(join(state, 'software/versions', `${seed}.part`, 'rest'), { recursive: true })
    expect(start(programs, state)).toEqual([join(state, 'software'), '--data', join(state, 'data'), '--listen', 'x'])
    const current = join(state, 'software/current')
    expect(await readlink(current)).toBe(`versions/${seed}`)
    expect(await readdir(join(state, 'software/versions'))).toEqual([seed])
    const other = 'a'.repeat(64)
    await cp(join(state, 'software/versions', seed), join(state, 'software/versions', other), { recursive: true })
    run('ln', '-sfn', `versions/${other}`, current)
    start(programs, state)
    expect(await readlink(current)).toBe(`versions/${other}`)
    // A link to nothing is no choice: a device must start something.
    await rm(join(state, 'software/versions', other), { recursive: true })
    start(programs, state)
    expect(await readlink(current)).toBe(`versions/${seed}`)
  },
)
