/**
 * Toy sources: a copy of the product's sources with a further deployable kind (`note`) and held document (`board`).
 * They are added as a developer would add them: the files below `tree`, and one row in each of the tables below. The
 * product itself never has them.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, sep } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const TREE = join(import.meta.dirname, 'tree')

/**
 * An existing file that gets one row, and the import of it. The row stands behind the row of the newest shipped entry.
 */
type TableRow = { file: string; imports: string; behind: string; row: string }

export const TABLE_ROWS: readonly TableRow[] = [
  {
    file: 'packages/contract/src/kinds/kinds.ts',
    imports: `import { noteKind } from './note.ts'`,
    behind: 'os: osKind',
    row: 'note: noteKind',
  },
  {
    file: 'packages/core/src/kinds/kinds.ts',
    imports: `import { noteRules } from './note.ts'`,
    behind: 'os: osRules',
    row: 'note: noteRules',
  },
  {
    file: 'apps/hub/src/models/kinds/kinds.ts',
    imports: `import { noteInspector } from './note/inspect.ts'`,
    behind: 'os: osInspector',
    row: 'note: noteInspector',
  },
  {
    file: 'apps/agent/src/kinds/drivers.ts',
    imports: `import { openNoteDriver } from './note/driver.ts'`,
    behind: 'os: openOsDriver',
    row: 'note: openNoteDriver',
  },
  {
    file: 'apps/cli/src/kinds/kinds.ts',
    imports: `import { noteKind } from './note/note-kind.ts'`,
    behind: 'os: osKind',
    row: 'note: noteKind',
  },
  {
    file: 'apps/console/src/kinds/kinds.ts',
    imports: `import { noteKind } from './note/note-kind.ts'`,
    behind: 'os: osKind',
    row: 'note: noteKind',
  },
  {
    file: 'apps/hub/src/held/held-documents.ts',
    imports: `import { boardHeld } from './board.ts'`,
    behind: '  connectionsHeld',
    row: 'boardHeld',
  },
  {
    file: 'apps/agent/src/held/held-documents.ts',
    imports: `import { boardHeld } from './board.ts'`,
    behind: 'connectionsHeld(ground.connections)',
    row: 'boardHeld(ground)',
  },
]

/** The console needs the types of browsers, with which the others do not compile. */
export const COMPILED = ['tsconfig.services.json', 'tsconfig.console.json']

export type ToySources = AsyncDisposable & { root: string }

/** Copies the sources, and adds the toys. */
export async function makeToySources(): Promise<ToySources> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'skerry-toy-')))
  await copySources(root)
  await linkPackages(root)
  await refuseOverwriting(root)
  await cp(TREE, root, { recursive: true })
  for (const name of COMPILED) await cp(join(import.meta.dirname, name), join(root, name))
  for (const row of TABLE_ROWS) await addRow(root, row)
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

/** Folders of no source: results of builds, packages, tests and their snapshots. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'test', 'golden'])

async function copySources(root: string): Promise<void> {
  const filter = (path: string) =>
    !LEFT_OUT.has(basename(path)) && !path.endsWith('.test.ts') && !path.endsWith('.tsbuildinfo')
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.base.json', 'packages', 'apps']) {
    await cp(join(ROOT, name), join(root, name), { recursive: true, filter })
  }
}

/** Packages of others are those of the repository; the product's own are the copies. */
async function linkPackages(root: string): Promise<void> {
  const own = join('node_modules', '@skerry')
  await mkdir(join(root, own), { recursive: true })
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (name !== '@skerry') await symlink(join(ROOT, 'node_modules', name), join(root, 'node_modules', name))
  }
  for (const top of ['packages', 'apps']) {
    for (const name of await readdir(join(root, top))) {
      await symlink(join(root, top, name), join(root, own, name))
      const nested = await realpath(join(ROOT, top, name, 'node_modules')).catch(() => undefined)
      if (nested !== undefined) await symlink(nested, join(root, top, name, 'node_modules'))
    }
  }
}

/** The files below `tree`, by their paths in the repository. */
export async function toyFiles(): Promise<string[]> {
  const entries = await readdir(TREE, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(TREE.length + sep.length))
}

async function refuseOverwriting(root: string): Promise<void> {
  for (const path of await toyFiles()) {
    const known = await readFile(join(root, path)).catch(() => undefined)
    if (known) throw new Error(`the product has a file ${path}; toys only add files`)
  }
}

async function addRow(root: string, { file, imports, behind, row }: TableRow): Promise<void> {
  const path = join(root, file)
  const text = await readFile(path, 'utf8')
  const parts = text.split(behind)
  const first = text.indexOf('import ')
  if (parts.length !== 2 || first < 0) throw new Error(`${file} has no table with one row "${behind}"`)
  const withRow = parts.join(`${behind}, ${row}`)
  await writeFile(path, `${withRow.slice(0, first)}${imports}\n${withRow.slice(first)}`)
}
