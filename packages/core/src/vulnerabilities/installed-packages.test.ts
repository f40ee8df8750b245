import { expect, test } from 'vitest'
import { installedPackages, namesPackages } from './installed-packages.ts'
import { readPackageUrl } from './package-url.ts'

const DPKG = `Package: libssl3
Status: install ok installed
Architecture: amd64
Source: openssl
Version: 3.0.11-1~deb12u2
Description: a library
 Package: no package

Package: gone
Status: deinstall ok config-files
Version: 1.0

Package: libgcc-s1
Status: install ok installed
Source: gcc-12 (12.2.0-14)
Version: 1:12.2.0-14+b1
`

test('Debian names packages by their sources, of the release of the image', () => {
  const files = new Map([
    ['etc/os-release', 'PRETTY_NAME="Debian"\nID=debian\nVERSION_ID="12"\n'],
    ['var/lib/dpkg/status', DPKG],
  ])
  const purls = installedPackages(files)
  expect(purls.map((purl) => readPackageUrl(purl))).toMatchObject([
    { ecosystem: 'Debian:12', package: 'gcc-12', version: '12.2.0-14' },
    { ecosystem: 'Debian:12', package: 'openssl', version: '3.0.11-1~deb12u2' },
  ])
})

test('Alpine, npm and Python name theirs', () => {
  const files = new Map([
    ['etc/os-release', 'ID=alpine\nVERSION_ID=3.19.1\n'],
    ['lib/apk/db/installed', 'C:Q1\nP:libcrypto3\nV:3.1.4-r5\no:openssl\n\nP:musl\nV:1.2.4-r2\n'],
    ['app/node_modules/@scope/pad/package.json', '{"name":"@scope/pad","version":"1.0.0"}'],
    ['app/node_modules/broken/package.json', '{'],
    [
      'usr/lib/python3/site-packages/Foo_Bar-1.0.dist-info/METADATA',
      'Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 1.0\n\nName: text',
    ],
  ])
  expect(installedPackages(files).map((purl) => readPackageUrl(purl))).toMatchObject([
    { ecosystem: 'Alpine:v3.19', package: 'openssl', version: '3.1.4-r5' },
    { ecosystem: 'Alpine:v3.19', package: 'musl', version: '1.2.4-r2' },
    { ecosystem: 'npm', package: '@scope/pad', version: '1.0.0' },
    { ecosystem: 'PyPI', package: 'foo-bar', version: '1.0' },
  ])
})

test.each([
  ['var/lib/dpkg/status', true],
  ['var/lib/dpkg/status.d/tzdata', true],
  ['var/lib/dpkg/status.d/tzdata.md5sums', false],
  ['var/lib/dpkg/info/tzdata.list', false],
  ['app/node_modules/a/package.json', true],
  ['app/node_modules/a/lib/package.json', false],
  ['app/package.json', false],
])('%s names packages: %s', (path, is) => {
  expect(namesPackages(path)).toBe(is)
})
