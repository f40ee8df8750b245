import { expect, test } from 'vitest'
import { datedChangelog, withPackageVersion, withVersion } from './set-version.ts'

const release = { from: '0.1.0', to: '0.2.0', date: '2026-11-30' }

test('a manifest gets the version, and so do our packages in it, but no other package', () => {
  const manifest = { name: '@skerry/hub', version: '0.1.0', dependencies: { '@skerry/core': '0.1.0', other: '0.1.0' } }
  expect(JSON.parse(withPackageVersion(JSON.stringify(manifest), release))).toEqual({
    name: '@skerry/hub',
    version: '0.2.0',
    dependencies: { '@skerry/core': '0.2.0', other: '0.1.0' },
  })
})

test('the lock gets the version in its workspaces, and keeps the packages of others', () => {
  const lock = {
    version: '0.1.0',
    packages: {
      '': { version: '0.1.0' },
      'apps/hub': { version: '0.1.0', devDependencies: { '@skerry/testkit': '0.1.0' } },
      'node_modules/other': { version: '0.1.0', dependencies: { more: '0.1.0' } },
    },
  }
  expect(JSON.parse(withPackageVersion(JSON.stringify(lock), release))).toEqual({
    version: '0.2.0',
    packages: {
      '': { version: '0.2.0' },
      'apps/hub': { version: '0.2.0', devDependencies: { '@skerry/testkit': '0.2.0' } },
      'node_modules/other': { version: '0.1.0', dependencies: { more: '0.1.0' } },
    },
  })
})

test('a place that does not name the version before is an error, so that none is forgotten', () => {
  const place = { file: 'Chart.yaml', before: 'appVersion: ', after: '\n' }
  expect(withVersion('appVersion: 0.1.0\n', place, release)).toBe('appVersion: 0.2.0\n')
  expect(() => withVersion('appVersion: 0.0.9\n', place, release)).toThrow('Chart.yaml does not contain')
})

test('the changes that were not released get the version and its date', () => {
  expect(datedChangelog('# Changelog\n\n## Unreleased\n\n## 0.1.0 (2026-11-29)\n', release)).toBe(
    '# Changelog\n\n## 0.2.0 (2026-11-30)\n\n## 0.1.0 (2026-11-29)\n',
  )
  expect(() => datedChangelog('# Changelog\n\n## 0.1.0 (2026-11-29)\n', release)).toThrow('nothing would be released')
})
