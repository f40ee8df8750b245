/**
 * The built tree of an image: nothing in it names one device, and each device makes its own keys.
 *
 * @module-tag deep it makes Debian, which takes minutes
 */
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestFolder, type TestFolder } from '../../../../test/stage/cli.ts'
import { missingPackages } from './image-program.ts'
import { makeRootSystem } from './root-system.ts'

const CACHE = join(import.meta.dirname, '../../../../../../node_modules/.cache/image-packages')

const canBuild =
  process.getuid?.() === 0 && (await missingPackages(['mmdebstrap', 'dpkg-deb', 'chroot'], process.env)).length === 0

/** In milliseconds. Debian's packages on a busy computer. */
const BUILD_MS = 1_800_000

let folder: TestFolder
let tree: string
const at = (name: string) => join(folder.path, name)

/** A package with the unit of the agent, and without the agent. */
async function makeDeb(): Promise<void> {
  await mkdir(at('deb/DEBIAN'), { recursive: true })
  await mkdir(at('deb/usr/lib/systemd/system'), { recursive: true })
  const control =
    'Package: skerry-agent\nVersion: 1\nArchitecture: all\nMaintainer: test <t@example.com>\nDescription: test\n'
  await writeFile(at('deb/DEBIAN/control'), control)
  const unit = '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n'
  await writeFile(at('deb/usr/lib/systemd/system/skerry-agent.service'), unit)
  execFileSync('dpkg-deb', ['--root-owner-group', '-b', at('deb'), at('agent.deb')], { stdio: 'ignore' })
}

const inTree = (...words: string[]) => execFileSync('chroot', [tree, ...words]).toString()

describe.skipIf(!canBuild)('the tree of an image', () => {
  beforeAll(async () => {
    folder = await openTestFolder()
    await makeDeb()
    await writeFile(at('maker.pem'), '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n')
    await writeFile(at('check'), '#!/bin/sh\nexit 0\n')
    // A person who copies a whole system by mistake copies its keys too.
    await mkdir(at('files/etc/ssh'), { recursive: true })
    await writeFile(at('files/etc/ssh/ssh_host_rsa_key'), 'the key of another device')
    await mkdir(at('work'))
    const io = { env: process.env }
    const session = { signal: AbortSignal.timeout(BUILD_MS), io, style: { dim: String }, note() {} } as never
    const input = {
      out: at('out'),
      agent: at('agent.deb'),
      keyring: at('maker.pem'),
      compatible: 'plant',
      hostname: 'press',
      packages: ['openssh-server'],
      files: at('files'),
      healthCheck: at('check'),
      suite: 'trixie',
      cache: CACHE,
      kernel: undefined,
      agentOptions: undefined,
      mirror: undefined,
    }
    tree = (await makeRootSystem(at('work'), input, session)).folder
  }, BUILD_MS)

  afterAll(() => folder?.[Symbol.asyncDispose]())

  test('it has no host keys and no machine id, also if the files of a person bring keys', async () => {
    const names = await readdir(join(tree, 'etc/ssh'))
    expect(names).toContain('sshd_config')
    expect(names.filter((name) => name.startsWith('ssh_host_'))).toEqual([])
    expect(await readFile(join(tree, 'etc/machine-id'), 'utf8')).toBe('')
  })

  test('its server of SSH uses the keys that the first start makes on the data partition', async () => {
    await mkdir(join(tree, 'data'), { recursive: true })
    await mkdir(join(tree, 'run/sshd'), { recursive: true })
    expect(() => inTree('/usr/sbin/sshd', '-t')).toThrow()
    inTree('/usr/lib/skerry-image/ssh-keys')
    inTree('/usr/sbin/sshd', '-t')
    const used = inTree('/usr/sbin/sshd', '-T')
      .split('\n')
      .filter((line) => line.startsWith('hostkey '))
    expect(used).toEqual(['hostkey /data/ssh/ssh_host_ed25519_key', 'hostkey /data/ssh/ssh_host_ecdsa_key'])
    expect((await stat(join(tree, 'data/ssh/ssh_host_ed25519_key'))).mode & 0o777).toBe(0o600)
    const wanted = await readdir(join(tree, 'etc/systemd/system/multi-user.target.wants'))
    expect(wanted).toEqual(
      expect.arrayContaining([
        'skerry-ssh-keys.service',
        'skerry-machine-id.service',
        'skerry-agent.service',
        'ssh.service',
      ]),
    )
  })

  test('the first start keeps the machine id for the starts after it, and a damaged file is made again', async () => {
    const startWith = async (id: string) => {
      await writeFile(join(tree, 'etc/machine-id'), `${id}\n`)
      inTree('/usr/lib/skerry-image/keep-machine-id')
      return inTree('grub-editenv', '/boot/efi/skerry/device', 'list').trim()
    }
    const [first, second] = ['a'.repeat(32), 'b'.repeat(32)]
    await mkdir(join(tree, 'boot/efi/skerry'), { recursive: true })
    expect(await startWith(first)).toBe(`MACHINE_ID=${first}`)
    expect(await startWith(second)).toBe(`MACHINE_ID=${first}`)
    await writeFile(join(tree, 'boot/efi/skerry/device'), '# GRUB')
    expect(await startWith(second)).toBe(`MACHINE_ID=${second}`)
    expect(await readdir(join(tree, 'boot/efi/skerry'))).toEqual(['device'])
  })

  test('the check of the integrator is a program, and the agent is told of it', async () => {
    const program = join(tree, 'usr/lib/skerry-image/health-check')
    expect((await stat(program)).mode & 0o777).toBe(0o755)
    const options = await readFile(join(tree, 'etc/default/skerry-agent'), 'utf8')
    expect(options).toContain('--os-check /usr/lib/skerry-image/health-check')
  })
})
