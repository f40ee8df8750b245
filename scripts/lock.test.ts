/** What is in package-lock.json may be there: checked without a network, for nobody reads eight hundred entries in a review. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type LockedPackage, nameAt, readLock } from './lock.ts'
import { ROOT } from './step.ts'

const lock = readLock()
const packages = Object.entries(lock).filter(([path, { link }]) => path.includes('node_modules/') && link !== true)

/** What may be shipped: permissive, with nothing to do but to name the author. */
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
]

/** Besides, what builds and tests: it is in nothing that we give away. */
const DEVELOPMENT = [...SHIPPED, 'Artistic-2.0', 'CC-BY-3.0', 'MPL-2.0', 'Python-2.0', 'WTFPL']

/** Build tools that npm takes for part of what runs: they compile the styles of the console, and are not in it. */
const BUILD_ONLY = /^lightningcss(-|$)/

/** Old packages that say their licence in another way; read by hand. */
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

test('every package has a licence that we may use where it is used', () => {
  const refused = packages.filter(([path, entry]) => {
    const isDevelopment = entry.dev === true || BUILD_ONLY.test(nameAt(path))
    return !isAllowed(licenceOf(path, entry), isDevelopment ? DEVELOPMENT : SHIPPED)
  })
  expect(refused.map(([path, entry]) => `${path}: ${licenceOf(path, entry)}`)).toEqual([])
})

test('a licence is read as SPDX says', () => {
  expect(isAllowed('(MIT OR GPL-3.0-only)', SHIPPED)).toBe(true)
  expect(isAllowed('(MIT AND GPL-3.0-only)', SHIPPED)).toBe(false)
  expect(isAllowed('GPL-3.0-only', SHIPPED)).toBe(false)
  expect(isAllowed('none', DEVELOPMENT)).toBe(false)
})

test('every package is named by a strong hash, and comes from no other place than a registry', () => {
  // What another package brings inside itself is covered by the hash of that one.
  const fetched = packages.filter(([, { inBundle }]) => inBundle !== true)
  expect(fetched.length).toBeGreaterThan(500)
  expect(fetched.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([])
  // The lock does not say from where, and need not: every registry will do, for the hash decides. An address, a folder or a repository would be written down.
  const elsewhere = fetched.filter(([, { resolved = REGISTRY }]) => !resolved.startsWith(REGISTRY))
  expect(elsewhere.map(([path]) => path)).toEqual([])
})

const REGISTRY = 'https://registry.npmjs.org/'

/**
 * `allowScripts` of package.json says that none is run: the first would compile what it has compiled for every machine that we know already, the
 * second would fetch a library, the third only warns of versions.
 */
const WITH_INSTALL_SCRIPTS = ['@serialport/bindings-cpp', 'onnxruntime-node', 'protobufjs']

test('no package but those known has a script that runs when it is installed', () => {
  const found = packages.filter(([, { hasInstallScript }]) => hasInstallScript === true)
  expect(found.map(([path]) => nameAt(path)).toSorted()).toEqual(WITH_INSTALL_SCRIPTS)
  const { allowScripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(allowScripts).toEqual(Object.fromEntries(WITH_INSTALL_SCRIPTS.map((name) => [name, false])))
})

test('what is said to be read by hand is there to be read', () => {
  const left = Object.keys(READ_BY_HAND).filter((name) => existsSync(join(ROOT, 'node_modules', name)))
  for (const name of left) expect(lock[`node_modules/${name}`]?.license).toBeUndefined()
})
