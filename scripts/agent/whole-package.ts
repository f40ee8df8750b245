/**
 * Whole package: hub, agent, command line and console in one file, so that `npx --ignore-scripts ./skerry.tgz start` needs no clone. Our
 * own packages are inside. npm fetches the others from its registry, or from a cache.
 */
import { execFileSync } from 'node:child_process'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'

const Manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
})

/** `start` is the word that people try first: a hub with the settings of its defaults. */
const COMMAND = `#!/usr/bin/env node
if (process.argv[2] === 'start') process.argv.splice(2, 1, 'hub')
await import('../node_modules/@skerry/cli/bin/skerry.mjs')
`

export type Whole = {
  /** The folder with the packages, each in a folder of its name. */
  packages: string
  /** Node.js as packages, for machines whose own is older. */
  runtimes: Readonly<Record<string, string>>
}

/** Writes `skerry.tgz` into the folder of the packages. */
export async function packWhole({ packages, runtimes }: Whole): Promise<string> {
  const names = (await readdir(packages, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const folder = join(packages, '..', `whole-${process.pid}`)
  const others = new Map<string, string>()
  const own: Record<string, string> = {}
  let license: string | undefined
  await mkdir(join(folder, 'bin'), { recursive: true })
  for (const { name } of names) {
    const place = join(folder, 'node_modules/@skerry', name)
    await cp(join(packages, name), place, { recursive: true })
    const { dependencies = {}, ...manifest } = Manifest.parse(
      JSON.parse(await readFile(join(place, 'package.json'), 'utf8')),
    )
    own[manifest.name] = manifest.version
    license = manifest.license
    for (const [other, version] of Object.entries(dependencies)) addOther(others, other, version)
    // npm would look for them inside of the file.
    await writeFile(join(place, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  }
  const manifest = {
    name: 'skerry',
    version: Object.values(own)[0],
    license,
    type: 'module',
    description: 'Deploys machine-learning models to many locations at once, and keeps them right there',
    bin: { skerry: './bin/skerry.mjs' },
    engines: { node: '>=20' },
    dependencies: { ...Object.fromEntries([...others].sort()), ...own },
    optionalDependencies: runtimes,
    bundleDependencies: Object.keys(own),
  }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  await writeFile(join(folder, 'bin/skerry.mjs'), COMMAND)
  await chmod(join(folder, 'bin/skerry.mjs'), 0o755)
  execFileSync('npm', ['pack', '--silent', '--pack-destination', packages], { cwd: folder, stdio: 'ignore' })
  await rm(folder, { recursive: true })
  const file = join(packages, 'skerry.tgz')
  await rename(join(packages, `skerry-${manifest.version}.tgz`), file)
  return file
}

function addOther(others: Map<string, string>, name: string, version: string): void {
  if (name.startsWith('@skerry/')) return
  const known = others.get(name)
  if (known !== undefined && known !== version) throw new Error(`${name} is wanted in ${known} and in ${version}`)
  others.set(name, version)
}
