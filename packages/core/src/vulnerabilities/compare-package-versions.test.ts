import { expect, test } from 'vitest'
import { comparePackageVersions } from './compare-package-versions.ts'

/** [Debian Policy 5.6.12; semver.org, 11] */
test.each([
  ['Debian:12', '1.0', '1.1'],
  ['Debian:12', '1.9', '1.10'],
  ['Debian:12', '1.0~rc1', '1.0'],
  ['Debian:12', '1.0', '1.0+deb12u1'],
  ['Debian:12', '3.0.11-1~deb12u1', '3.0.11-1~deb12u2'],
  ['Debian:12', '9.9', '1:0.1'],
  ['Debian:12', '1.0-1', '1.0-1+b1'],
  ['Debian:12', '1.0a', '1.0+'],
  ['Ubuntu:24.04', '2.39-0ubuntu8', '2.39-0ubuntu8.1'],
  ['npm', '1.2.3', '1.10.0'],
  ['npm', '1.0.0-alpha', '1.0.0-alpha.1'],
  ['npm', '1.0.0-alpha.1', '1.0.0-alpha.beta'],
  ['npm', '1.0.0-rc.1', '1.0.0'],
  ['npm', '1.0.0-2', '1.0.0-10'],
  ['Go', 'v1.2.3', '1.2.4'],
  ['PyPI', '2.31.0', '2.32'],
  ['Alpine:v3.19', '1.2.3-r4', '1.2.3-r10'],
  ['Alpine:v3.19', '1.1.1', '1.1.1t-r0'],
])('in %s, %s is older than %s', (ecosystem, older, newer) => {
  expect(comparePackageVersions(ecosystem, older, newer)).toBeLessThan(0)
  expect(comparePackageVersions(ecosystem, newer, older)).toBeGreaterThan(0)
  expect(comparePackageVersions(ecosystem, older, older)).toBe(0)
})

test.each([
  ['Debian:12', '1.00', '1.0'],
  ['Debian:12', '0:1.0', '1.0'],
  ['npm', '1.2.3+build', '1.2.3'],
  ['PyPI', '2.0', '2'],
])('in %s, %s equals %s', (ecosystem, one, other) => {
  expect(comparePackageVersions(ecosystem, one, other)).toBe(0)
})

test.each([
  ['PyPI', '1.0rc1', '1.0'],
  ['Maven', '1.0-SNAPSHOT', '1.0'],
  ['npm', 'latest', '1.0.0'],
])('in %s, the order of %s and %s is unknown, and not guessed', (ecosystem, one, other) => {
  expect(comparePackageVersions(ecosystem, one, other)).toBeUndefined()
})
