/** The real agent, hub, apt and dpkg. Packages go into a root of their own, never into this machine. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deep } from '@skerry/testkit/tier'
import { expect, test } from 'vitest'
import { deploy, MODEL, pushBuild } from '../../apps/cli/test/stage/anomaly.ts'
import { openFleet } from '../../apps/cli/test/stage/fleet.ts'

const isDebian = statSync('/usr/bin/dpkg-deb', { throwIfNoEntry: false }) !== undefined

async function makePackage(folder: string, version: string, script = ''): Promise<string> {
  const build = join(folder, `build-${version}`)
  await mkdir(join(build, 'DEBIAN'), { recursive: true })
  await mkdir(join(build, 'opt/pump'), { recursive: true })
  await writeFile(join(build, 'opt/pump/version'), version)
  if (script !== '') await writeFile(join(build, 'DEBIAN/preinst'), script, { mode: 0o755 })
  const control = `Package: pump-control\nVersion: ${version}\nArchitecture: all\nMaintainer: test <t@example.com>\nDescription: pump\n`
  await writeFile(join(build, 'DEBIAN/control'), control)
  const file = `pump-control_${version}_all.deb`
  await mkdir(join(folder, 'repository'), { recursive: true })
  execFileSync('dpkg-deb', ['--root-owner-group', '-b', build, join(folder, 'repository', file)], { stdio: 'ignore' })
  const bytes = await readFile(join(folder, 'repository', file))
  const hash = createHash('sha256').update(bytes).digest('hex')
  return `${control}Filename: ./${file}\nSize: ${bytes.length}\nSHA256: ${hash}\n`
}

/** The variables that send apt and dpkg to a root of their own, and the path of that root. */
async function makeRoot(folder: string): Promise<{ root: string; environment: Record<string, string> }> {
  const root = join(folder, 'root')
  const made = [
    'var/lib/dpkg/info',
    'var/lib/dpkg/updates',
    'var/lib/apt/lists/partial',
    'var/log/apt',
    'etc/apt/apt.conf.d',
  ]
  for (const path of [...made, 'var/cache/apt/archives/partial', 'etc/apt/preferences.d']) {
    await mkdir(join(root, path), { recursive: true })
  }
  await writeFile(join(root, 'var/lib/dpkg/status'), '')
  // The script of the third version cannot run in this root, so dpkg fails in the middle of the installation.
  const packages = [await makePackage(folder, '1.0-1'), await makePackage(folder, '2.0-1')]
  packages.push(await makePackage(folder, '3.0-1', '#!/bin/sh\nexit 1\n'))
  await writeFile(join(folder, 'repository/Packages'), packages.join('\n'))
  await writeFile(join(root, 'etc/apt/sources.list'), `deb [trusted=yes] file:${join(folder, 'repository')} ./\n`)
  const conf = join(folder, 'apt.conf')
  const lines = [
    `Dir "${root}/"; Dir::State::status "${root}/var/lib/dpkg/status"; Dir::Bin::dpkg "/usr/bin/dpkg"`,
    'Dir::Bin::methods "/usr/lib/apt/methods"; APT::Sandbox::User "root"',
    `APT::Architecture "amd64"; APT::Architectures { "amd64"; }; DPkg::Options { "--root=${root}"; "--log=/dev/null"; }`,
  ]
  await writeFile(conf, `${lines.join(';\n')};\n`)
  return { root, environment: { APT_CONFIG: conf, DPKG_ADMINDIR: join(root, 'var/lib/dpkg') } }
}

test.skipIf(!isDebian)(
  'a list of packages goes out in a rollout, and a list that fails brings the old versions back',
  async () => {
    await using fleet = await openFleet()
    const { root, environment } = await makeRoot(fleet.folder)
    await fleet.hub.client.site.apply({ name: 'lab', kind: 'edge' })
    const { token } = await fleet.hub.client.token.create({ site: 'lab' })
    const agent = await fleet.newAgent('press', token, ['--allow-os', 'debian'])
    await agent.start(environment)
    const version = () => readFile(join(root, 'opt/pump/version'), 'utf8')
    const push = async (wanted: string) => {
      const file = join(fleet.folder, `packages-${wanted}.yaml`)
      const list = `format: debian\nversion: "${wanted}"\npackages:\n  - { name: pump-control, version: ${wanted} }\n`
      await writeFile(file, list)
      expect(await fleet.cli(['os', 'push', 'plant-os', file])).toMatchObject({ code: 0 })
    }

    await push('1.0-1')
    await deploy(fleet, 1, { name: 'plant-os', deployable: 'plant-os' })
    await fleet.item('press', ({ state, serving }) => state === 'active' && serving?.version === 1)
    expect(await version()).toBe('1.0-1')

    await push('2.0-1')
    await deploy(fleet, 2, { name: 'plant-os', deployable: 'plant-os' })
    await fleet.item('press', ({ state, serving }) => state === 'active' && serving?.version === 2)
    expect(await version()).toBe('2.0-1')

    await push('3.0-1')
    await deploy(fleet, 3, { name: 'plant-os', deployable: 'plant-os' })
    const failed = await fleet.item('press', ({ state }) => state === 'failed')
    expect(failed.cause).toMatchObject({ code: 'os_install_failed' })
    await expect.poll(version).toBe('2.0-1')
    expect((await fleet.item('press', ({ serving }) => serving?.version === 2)).state).toBe('failed')
  },
)

test.skipIf(!isDebian)(
  'a system of an operating system and a model returns as a whole if the model fails after the packages were installed',
  deep('three rollouts of a system with two parts each'),
  async () => {
    await using fleet = await openFleet()
    const { root, environment } = await makeRoot(fleet.folder)
    await fleet.hub.client.site.apply({ name: 'lab', kind: 'edge' })
    const { token } = await fleet.hub.client.token.create({ site: 'lab' })
    const agent = await fleet.newAgent('press', token, ['--allow-os', 'debian'])
    await agent.start(environment)
    const installed = () => readFile(join(root, 'opt/pump/version'), 'utf8').catch(() => 'none')
    for (const wanted of ['1.0-1', '2.0-1']) {
      const file = join(fleet.folder, `packages-${wanted}.yaml`)
      const list = `format: debian\nversion: "${wanted}"\npackages:\n  - { name: pump-control, version: ${wanted} }\n`
      await writeFile(file, list)
      expect(await fleet.cli(['os', 'push', 'plant-os', file])).toMatchObject({ code: 0 })
    }
    for (const build of ['v1', 'noise', 'v2'] as const) await pushBuild(fleet, build)
    const release = async (version: number, os: number, model: number) => {
      const parts = [
        { name: 'plant-os', version: os },
        { name: MODEL, version: model },
      ]
      const file = join(fleet.folder, `line-${version}.yaml`)
      const document = { apiVersion: 'skerry/v1', kind: 'SystemRelease', metadata: { name: 'line' }, spec: { parts } }
      await writeFile(file, JSON.stringify(document))
      expect(await fleet.cli(['system', 'push', file])).toMatchObject({ code: 0 })
      await deploy(fleet, version, { name: 'line', deployable: 'line' })
    }
    const settled = (os: number, model: number) =>
      expect
        .poll(async () => {
          const { items } = await fleet.device('press')
          return items.map(({ name, state, serving }) => `${name} ${state} ${serving?.version}`).toSorted()
        })
        .toEqual([`plant-os active ${os}`, `${MODEL} active ${model}`])

    await release(1, 1, 1)
    await settled(1, 1)
    expect(await installed()).toBe('1.0-1')

    await release(2, 2, 2)
    await expect
      .poll(async () => (await fleet.hub.client.deployment.get({ deployment: 'line' })).failures)
      .toMatchObject([{ device: 'press', outcome: 'failed', code: 'golden_mismatch' }])
    await settled(1, 1)
    expect(await installed()).toBe('1.0-1')
    const { parts = [] } = await fleet.hub.client.deployment.explain({ deployment: 'line', device: 'press' })
    expect(parts.map(({ name, version, before, state }) => [name, version, before, state])).toEqual([
      ['plant-os', 2, 1, 'returned'],
      [MODEL, 2, 1, 'returned'],
    ])

    await release(3, 2, 3)
    await settled(2, 3)
    expect(await installed()).toBe('2.0-1')
  },
)

test('a bundle of RAUC is pushed with the facts of its manifest, and shown with them', async () => {
  await using fleet = await openFleet()
  const file = join(fleet.folder, 'plant-2.0.raucb')
  await writeFile(file, 'the hub does not look into a bundle')
  const words = ['os', 'push', 'plant-os', file]
  expect(await fleet.cli(words)).toMatchObject({ code: 2 })
  expect(await fleet.cli([...words, '--image-version', '2.0', '--compatible', 'plant'])).toMatchObject({ code: 0 })
  const shown = await fleet.cli(['os', 'show', 'plant-os:1', '--json'])
  expect(JSON.parse(shown.out)).toMatchObject({ os: { format: 'rauc', version: '2.0', compatible: 'plant' } })
  const list = join(fleet.folder, 'packages.yaml')
  await writeFile(list, 'format: debian\nversion: "1"\npackages:\n  - { name: nano, version: 1 -o x }\n')
  const wrong = await fleet.cli(['os', 'push', 'plant-os', list])
  expect(wrong.code).not.toBe(0)
  expect(wrong.err).toContain('must be a whole version of a Debian package')
})
