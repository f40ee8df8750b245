/**
 * `npm run pack`: every package as npm would publish it, JavaScript with declarations, in .skerry/packages. In the
 * repository packages export their TypeScript. Node does not strip types below node_modules, so a packed package
 * exports `dist`. Beside them it writes all of them as one file, skerry.tgz (agent/whole-package.ts), and the package of
 * the agent for devices (agent/agent-package.ts), which it also writes as a .deb and as a container image.
 * With `--javascript` it leaves out the declarations, which take a minute and a half of processor, and the archive of each
 * package: enough to run the packages.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import * as z from 'zod'
import { pythonWheel } from '../apps/hub/src/clients/wheel.ts'
import { buildAgentImage } from './agent/agent-image.ts'
import { buildAgentPackage, packagePath } from './agent/agent-package.ts'
import { buildDeb, canBuildDeb } from './agent/deb-package.ts'
import { packWhole } from './agent/whole-package.ts'
import { removeOrphans } from './orphans.ts'
import { runStages, type Stage } from './stages.ts'
import { ROOT, toolEnv } from './step.ts'

/** Packages for development only are not published. */
const UNPUBLISHED = ['testkit']

/** Options of the compiler: it translates each file by itself, unchecked, and reads no other file. */
const ONLY_JAVASCRIPT = [
  '--noCheck',
  '--noResolve',
  '--composite',
  'false',
  '--incremental',
  'false',
  '--declaration',
  'false',
  '--emitDeclarationOnly',
  'false',
]

const Manifest = z.looseObject({ name: z.string(), devDependencies: z.unknown().optional() })

const tsc = (...options: string[]) => execFileSync('tsc', options, { cwd: ROOT, env: toolEnv(), stdio: 'inherit' })

/** The hub serves it to data scientists. */
const PYTHON_CLIENT = join(ROOT, 'clients/python/skerry.py')

const hasDeclarations = !process.argv.includes('--javascript')
const target = join(ROOT, '.skerry/packages')
const packageFile = packagePath(target, false)
const deb = join(target, `skerry-agent-${process.arch}.deb`)

const stages: Stage[] = [
  {
    name: 'remove earlier packages',
    async run() {
      await rm(target, { recursive: true, force: true })
      for (const { source } of await packageFolders()) await removeOrphans(source)
    },
  },
  {
    name: 'documentation, which the hub serves and the console contains',
    run: () =>
      execFileSync(process.execPath, [join(ROOT, 'scripts/guide/build.ts'), '--if-changed'], {
        cwd: ROOT,
        stdio: 'inherit',
      }),
  },
  ...(await packageFolders()).map(({ source, folder }) => ({
    name: `package ${relative(ROOT, source)}`,
    run: () => pack(source, folder),
  })),
  { name: 'Python client, for pip', run: packPython },
  { name: 'skerry.tgz: all packages as one file', run: packAll },
]
if (hasDeclarations) {
  stages.splice(1, 0, { name: 'JavaScript and declarations of all packages', run: () => tsc('-b') })
  stages.push(
    { name: 'agent package for devices', run: () => packAgent(false) },
    { name: 'agent package with the runtime of language models', run: () => packAgent(true) },
    {
      name: 'container image of the agent',
      run: () => buildAgentImage({ packageFile, target: join(target, `skerry-agent-image-${process.arch}.tar.gz`) }),
    },
    { name: '.deb of the agent', run: packDeb },
  )
}
await runStages(stages, process.stdout)

/** The sources of each published package, and its folder in the output. */
async function packageFolders(): Promise<{ source: string; folder: string }[]> {
  const found: { source: string; folder: string }[] = []
  for (const top of ['packages', 'apps']) {
    for (const name of await readdir(join(ROOT, top))) {
      if (!UNPUBLISHED.includes(name)) found.push({ source: join(ROOT, top, name), folder: join(target, name) })
    }
  }
  return found
}

/** The hub has its source, and makes the same file of it. */
async function packPython(): Promise<void> {
  const wheel = pythonWheel(await readFile(PYTHON_CLIENT))
  await writeFile(join(target, wheel.name), wheel.bytes)
}

/** For `npx --ignore-scripts ./skerry.tgz start`. */
async function packAll(): Promise<void> {
  const { optionalDependencies: runtimes } = z
    .object({ optionalDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')))
  await packWhole({ packages: target, runtimes })
}

/** The agent of devices, as one file that a hub stores and that needs nothing else. */
function packAgent(hasLanguage: boolean) {
  return buildAgentPackage({ target: packagePath(target, hasLanguage), isWhole: true, hasLanguage })
}

async function packDeb(): Promise<void> {
  if (canBuildDeb()) await buildDeb({ packageFile, target: deb })
  else process.stderr.write(`${deb} is missing, because this computer has no dpkg-deb; install dpkg for it\n`)
}

/** Everything but sources and tests: files that are read at run time lie beside `dist`, as they lie beside `src`. */
async function pack(source: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const part of ['dist', 'bin', 'proto', 'market']) {
    if (existsSync(join(source, part))) await cp(join(source, part), join(folder, part), { recursive: true })
  }
  if (folder === join(target, 'hub')) await cp(PYTHON_CLIENT, join(folder, 'clients/skerry.py'))
  if (!hasDeclarations) tsc('-p', source, '--outDir', join(folder, 'dist'), ...ONLY_JAVASCRIPT)
  const commandPath = join(folder, 'bin/skerry.mjs')
  if (existsSync(commandPath)) {
    const command = await readFile(commandPath, 'utf8')
    await writeFile(commandPath, command.replaceAll('../src/main.ts', '../dist/main.js'))
  }
  await cp(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  const { devDependencies: _, ...manifest } = Manifest.parse(
    JSON.parse(await readFile(join(source, 'package.json'), 'utf8')),
  )
  const published = {
    ...manifest,
    engines: { node: '>=24' },
    exports: { './*': { types: './dist/*.d.ts', default: './dist/*.js' } },
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  if (!hasDeclarations) return
  execFileSync('npm', ['pack', '--silent', '--pack-destination', target], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}
