/**
 * Checks that the packages in package-lock.json are allowed, without a network. Nobody reads eight hundred entries in a
 * review.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type LockedPackage, nameAt, readLock } from './lock.ts'
import { ROOT } from './step.ts'

const lock = readLock()
const packages = Object.entries(lock).filter(([path, { link }]) => path.includes('node_modules/') && link !== true)

/** The licences that may be shipped: permissive ones, whose only duty is to name the author. */
const SHIPPED = [
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
  'OFL-1.1',
  'PSF-2.0',
]

/** Further licences for building and testing: these packages are in nothing that we give away. */
const DEVELOPMENT = [...SHIPPED, 'Artistic-2.0', 'CC-BY-3.0', 'MPL-2.0', 'Python-2.0', 'WTFPL']

/**
 * Build tools that npm takes for part of the shipped code: they compile the styles of the console, and are not in it.
 */
const BUILD_ONLY = /^lightningcss(-|$)/

/** Old packages that state their licence in another way; read by hand. */
const READ_BY_HAND: Record<string, string> = {
  busboy: 'MIT',
  dicer: 'MIT',
  'humanize-number': 'MIT',
  only: 'MIT',
  precond: 'MIT',
  streamsearch: 'MIT',
}

/** [SPDX, annex D] Of `A OR B` one must be allowed, of `A AND B` both. Nothing in the lock nests deeper. */
function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const text = expression.replace(/^\((.*)\)$/, '$1')
  if (text.includes(' OR ')) return text.split(' OR ').some((part) => allowed.includes(part))
  return text.split(' AND ').every((part) => allowed.includes(part))
}

const licenceOf = (path: string, { license }: LockedPackage) => license ?? READ_BY_HAND[nameAt(path)] ?? 'none'

test('every package has a licence that is allowed for its use', () => {
  const refused = packages.filter(([path, entry]) => {
    const isDevelopment = entry.dev === true || BUILD_ONLY.test(nameAt(path))
    return !isAllowed(licenceOf(path, entry), isDevelopment ? DEVELOPMENT : SHIPPED)
  })
  expect(refused.map(([path, entry]) => `${path}: ${licenceOf(path, entry)}`)).toEqual([])
})

test('a licence expression is evaluated as in SPDX', () => {
  expect(isAllowed('(MIT OR GPL-3.0-only)', SHIPPED)).toBe(true)
  expect(isAllowed('(MIT AND GPL-3.0-only)', SHIPPED)).toBe(false)
  expect(isAllowed('GPL-3.0-only', SHIPPED)).toBe(false)
  expect(isAllowed('none', DEVELOPMENT)).toBe(false)
})

test('every package has a strong hash, and comes from a registry', () => {
  // A package inside another package is covered by the hash of the outer one.
  const fetched = packages.filter(([, { inBundle }]) => inBundle !== true)
  expect(fetched.length).toBeGreaterThan(500)
  expect(fetched.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([])
  // The lock does not record the registry: the hash proves a package from every registry. It would record an address,
  // a folder or a repository.
  const elsewhere = fetched.filter(([, { resolved = REGISTRY }]) => !resolved.startsWith(REGISTRY))
  expect(elsewhere.map(([path]) => path)).toEqual([])
})

const REGISTRY = 'https://registry.npmjs.org/'

/**
 * `allowScripts` of package.json forbids all of them. The first would compile files that it has compiled for all known
 * machines already, the second would fetch a library, the third only warns of versions.
 */
const WITH_INSTALL_SCRIPTS = ['@serialport/bindings-cpp', 'esbuild', 'node-llama-cpp', 'onnxruntime-node', 'protobufjs']

test('only known packages have an install script', () => {
  const found = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true)
  expect(found.map(([path]) => nameAt(path)).toSorted()).toEqual(WITH_INSTALL_SCRIPTS)
  const { allowScripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(allowScripts).toEqual(Object.fromEntries(WITH_INSTALL_SCRIPTS.map((name) => [name, false])))
})

test('every package whose licence was read by hand is installed without one', () => {
  const left = Object.keys(READ_BY_HAND).filter((name) => existsSync(join(ROOT, 'node_modules', name)))
  for (const name of left) expect(lock[`node_modules/${name}`]?.license).toBeUndefined()
})
