import { expect, test } from 'vitest'
import { readPackageUrl } from '../../vulnerabilities/package-url.ts'
import { bundleManifest, GRUB_SETTINGS, grubEnvironment, raucSettings } from './boot-files.ts'
import { bundleRootBytes, imageLayout, sfdiskScript } from './image-layout.ts'
import { imageSbom, readDpkgStatus } from './image-packages.ts'
import { DATA_FOLDERS, MOUNT_POINTS, SERVICES, systemFiles } from './system-files.ts'

const GIB = 1024 ** 3
const MIB = 1024 ** 2

function layoutOf(sizeBytes: number, slotBytes: number) {
  const made = imageLayout({ sizeBytes, slotBytes })
  if (!made.ok) throw new Error(made.message)
  return made.layout
}

test('the partitions follow each other without a gap or an overlap, aligned to 1 MiB', () => {
  const { partitions, sizeBytes } = layoutOf(8 * GIB + 5, 2 * GIB - 7)
  const rows = [partitions.efi, partitions.a, partitions.b, partitions.data]
  let at = MIB
  for (const row of rows) {
    expect(row.startBytes).toBe(at)
    expect(row.sizeBytes % MIB).toBe(0)
    at += row.sizeBytes
  }
  expect(partitions.a.sizeBytes).toBe(partitions.b.sizeBytes)
  expect(at).toBeLessThan(sizeBytes)
})

test.each([
  [2 * GIB, GIB, 'need an image of at least'],
  [64 * GIB, 512 * MIB, 'a slot needs at least'],
])('an image of %i bytes with slots of %i is rejected', (sizeBytes, slotBytes, words) => {
  expect(imageLayout({ sizeBytes, slotBytes })).toMatchObject({ ok: false, message: expect.stringContaining(words) })
})

test('the input of sfdisk names each partition with its sectors', () => {
  const lines = sfdiskScript(layoutOf(4 * GIB, GIB))
    .trim()
    .split('\n')
  expect(lines).toHaveLength(6)
  expect(lines[2]).toBe('start=2048, size=131072, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=skerry-efi')
})

test('the environment of GRUB has exactly the size of a block', () => {
  expect(grubEnvironment()).toHaveLength(1_024)
  expect(grubEnvironment()).toContain('\nORDER=A B\nA_OK=1\nA_TRY=0\nB_OK=0\n')
})

test('GRUB saves the count of a start before it loads the kernel', () => {
  expect(GRUB_SETTINGS.indexOf('save_env')).toBeLessThan(GRUB_SETTINGS.indexOf('linux ('))
  expect(GRUB_SETTINGS.match(/set next=/g)).toHaveLength(5)
})

test('GRUB gives each start the machine id that the first one has kept', () => {
  const id = 'systemd.machine_id=$MACHINE_ID'
  expect(GRUB_SETTINGS).toContain(`if [ -n "$MACHINE_ID" ]; then set machine="${id}"; fi`)
  expect(GRUB_SETTINGS).toContain('rauc.slot=$chosen $machine panic=')
  expect(SERVICES).toContain('skerry-machine-id.service')
})

test('RAUC and its bundle name the same compatible text', () => {
  expect(raucSettings('plant')).toContain('\ncompatible=plant\n')
  expect(bundleManifest({ compatible: 'plant', version: '2.0' })).toContain('compatible=plant\nversion=2.0\n')
  expect(bundleRootBytes(700 * MIB)).toBeGreaterThan(800 * MIB)
})

test('the root file system has no token, and each mount has its folder', () => {
  const wish = {
    compatible: 'plant',
    keyring: 'KEYRING',
    hostname: 'press',
    agentOptions: '--name press',
    hasCheck: false,
  }
  const files = systemFiles(wish)
  const text = (path: string) => files.find((file) => file.path === path)?.text ?? ''
  expect(files.some(({ path }) => path.startsWith('etc/skerry'))).toBe(false)
  expect(text('etc/default/skerry-agent')).toBe('SKERRY_OPTIONS=--allow-os rauc,reboot --name press\n')
  const binds = [...text('etc/fstab').matchAll(/^\/data\/(\S+) (\S+) none bind/gm)]
  expect(binds).toHaveLength(4)
  for (const [, folder, place] of binds) {
    expect(DATA_FOLDERS).toContain(folder)
    expect(MOUNT_POINTS).toContain(place)
  }
})

test('each slot takes the host keys of SSH from the data partition, and a check of the owner is an option of the agent', () => {
  const wish = { compatible: 'plant', keyring: '', hostname: 'press', agentOptions: undefined, hasCheck: true }
  const text = (path: string) => systemFiles(wish).find((file) => file.path === path)?.text ?? ''
  const keys = [...text('etc/ssh/sshd_config.d/00-skerry.conf').matchAll(/^HostKey (.+)$/gm)].map(([, path]) => path)
  expect(keys).toEqual(['/data/ssh/ssh_host_ed25519_key', '/data/ssh/ssh_host_ecdsa_key'])
  expect(DATA_FOLDERS).not.toContain('ssh')
  expect(SERVICES).toContain('skerry-ssh-keys.service')
  expect(text('etc/default/skerry-agent')).toContain('--os-check /usr/lib/skerry-image/health-check')
})

const STATUS = `Package: libssl3t64
Status: install ok installed
Architecture: amd64
Source: openssl (3.5.4-1)
Version: 3.5.4-1+b1
Description: a library
 Version: 9

Package: gone
Status: deinstall ok config-files
Version: 1

Package: adduser
Status: install ok installed
Architecture: all
Version: 3.152
`

test('the list of packages has the installed ones, and advisories find them by their source', () => {
  const packages = readDpkgStatus(STATUS)
  expect(packages.map(({ name }) => name)).toEqual(['adduser', 'libssl3t64'])
  const facts = { name: 'plant', version: '1', release: '13', uuid: 'u', timestamp: 't', sha256: 'ab' }
  const { components } = imageSbom({ packages, ...facts })
  expect(readPackageUrl(components[1]?.purl ?? '')).toMatchObject({
    ecosystem: 'Debian:13',
    package: 'openssl',
  })
})
