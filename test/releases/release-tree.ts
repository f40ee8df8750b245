/**
 * Release tree: the programs of a release, from the commit that is recorded beside its corpus. They run with the
 * packages of this checkout, if the lock of the release names the same versions.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { removeAtEnd } from '@skerry/testkit/leftovers'
import * as z from 'zod'

const ROOT = join(import.meta.dirname, '../..')

export type ReleaseTree = {
  hub: string
  agent: string
  /** The names of its migrations, in order. */
  migrations: readonly string[]
}

/** Undefined for the release that is being made: its commit is recorded when it has its tag. */
export function commitOf(version: string): string | undefined {
  const path = join(import.meta.dirname, version, 'commit')
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined
}

/** A clone without history does not have the commit. */
export function hasCommit(version: string): boolean {
  const commit = commitOf(version)
  if (commit === undefined) return false
  return spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: ROOT }).status === 0
}

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), dev: z.boolean().optional(), link: z.boolean().optional() }),
  ),
})

/** The entries of hub and agent, as paths from the root of this checkout. The tree goes at the end of the test file. */
export async function releaseTree(version: string): Promise<ReleaseTree> {
  const tree = await mkdtemp(join(tmpdir(), 'skerry-tree-'))
  removeAtEnd(() => rm(tree, { recursive: true, force: true }))
  const commit = commitOf(version)
  if (commit === undefined) throw new Error(`test/releases/${version} has no commit`)
  const words = ['archive', commit, 'packages', 'apps', 'package.json', 'package-lock.json']
  const archive = execFileSync('git', words, { cwd: ROOT, maxBuffer: 1024 ** 3 })
  execFileSync('tar', ['-x', '-C', tree], { input: archive })
  await lendPackages(tree)
  const entry = (app: string) => relative(ROOT, join(tree, 'apps', app, 'src/main.ts'))
  return { hub: entry('hub'), agent: entry('agent'), migrations: migrationsOf(tree) }
}

/** The names of the files begin with the number of the migration. */
export function migrationsOf(root: string): string[] {
  const folder = join(root, 'apps/hub/src/store/migrations')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => basename(path, '.ts'))
    .filter((name) => /^\d{4}-/.test(name) && !name.endsWith('.test'))
    .toSorted()
}

async function lendPackages(tree: string): Promise<void> {
  const [then, now] = await Promise.all([readLock(tree), readLock(ROOT)])
  const other = Object.entries(then).filter(
    ([path, { version, dev, link }]) =>
      path.startsWith('node_modules/') && dev !== true && link !== true && now[path]?.version !== version,
  )
  if (other.length > 0) {
    const names = other.map(([path]) => path.slice('node_modules/'.length)).join(', ')
    throw new Error(`this checkout has other versions of packages than the release: ${names}; install those of its lock`)
  }
  const modules = join(tree, 'node_modules')
  await mkdir(join(modules, '@skerry'), { recursive: true })
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (name !== '@skerry') await symlink(join(ROOT, 'node_modules', name), join(modules, name))
  }
  for (const top of ['packages', 'apps']) {
    for (const name of await readdir(join(tree, top))) {
      await symlink(join(tree, top, name), join(modules, '@skerry', name))
    }
  }
}

const readLock = async (root: string) =>
  Lock.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'))).packages
