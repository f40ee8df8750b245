/** What threads of sources load: each of ten threads would pay some nine megabytes for schemas that have done their work before it began. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const FOLDER = import.meta.dirname
const PACKAGES = join(FOLDER, '../..')

const sessions = globSync('*/session.ts', { cwd: FOLDER })

/** What a file loads when it runs: not what is imported as types alone. */
function loadedBy(path: string): string[] {
  const imports = readFileSync(path, 'utf8').matchAll(/^(?:import|export) (?!type )([^;'"]*?from )?'([^']+)'/gm)
  return [...imports].flatMap(([, names = '', specifier = '']) => {
    const named = /^\{([^}]*)\}/
      .exec(names)?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '')
    return named?.every((name) => name.trim().startsWith('type ')) ? [] : [specifier]
  })
}

function fileOf(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(from), specifier)
  const [, name, file] = /^@skerry\/([^/]+)\/(.+)$/.exec(specifier) ?? []
  return name === undefined ? undefined : join(PACKAGES, name, 'src', `${file}.ts`)
}

function packagesOf(entry: string): Set<string> {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const visit = (path: string) => {
    if (seen.has(path) || !existsSync(path)) return
    seen.add(path)
    for (const specifier of loadedBy(path)) {
      const file = fileOf(specifier, path)
      if (file === undefined) packages.add(specifier)
      else visit(file)
    }
  }
  visit(entry)
  return packages
}

test('there are threads to look at, and what they load is found', () => {
  expect(sessions.length).toBeGreaterThan(10)
  expect(packagesOf(join(FOLDER, 'opcua/session.ts'))).toContain('node-opcua-client')
  expect(packagesOf(join(PACKAGES, 'contract/src/tag.ts'))).toContain('zod')
})

test.each(['source-worker.ts', ...sessions])('%s loads no schemas', (file) => {
  expect(packagesOf(join(FOLDER, file))).not.toContain('zod')
})
