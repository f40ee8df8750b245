/**
 * Set version: `node scripts/releases/set-version.ts VERSION [DATE]` writes the version of a release into each file that
 * names it, and dates the top section of the changelog. It ends without a change if a file does not name the version
 * before, so that no place is forgotten.
 */
import { readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AgentVersion } from '@skerry/contract/agents/agent-package'
import { compareAgentVersions } from '@skerry/core/agents/agent-order'
import { ROOT } from '../step.ts'

/** A file, and the text around the version in it. */
type Place = { file: string; before: string; after: string }

const at = (file: string, before: string, after = ''): Place => ({ file, before, after })

/** Places outside of the packages. */
const PLACES: readonly Place[] = [
  at('clients/python/skerry.py', '__version__ = "', '"'),
  at('deploy/compose.yaml', 'SKERRY_VERSION:-', '}'),
  at('deploy/helm/skerry/Chart.yaml', '\nversion: ', '\n'),
  at('deploy/helm/skerry/Chart.yaml', 'appVersion: ', '\n'),
  at('docs/devices/installing.md', 'skerry/agent:', ' '),
  at('docs/devices/kubernetes.md', 'skerry/agent:', ''),
  at('docs/guide/installing.md', 'skerry-', '-py3'),
  at('docs/guide/installing.md', 'skerry-hub-', '.tgz'),
]

export type Release = { from: string; to: string; date: string }

/** The text with the new version at the place. Throws if the place does not name the old one. */
export function withVersion(text: string, { file, before, after }: Place, { from, to }: Release): string {
  const old = `${before}${from}${after}`
  if (!text.includes(old))
    throw new Error(`${file} does not contain ${JSON.stringify(old)}; mend scripts/releases/set-version.ts`)
  return text.replaceAll(old, `${before}${to}${after}`)
}

/** A manifest or the lock of npm. Third-party packages can have our version too, so entries of the lock are told apart. */
export function withPackageVersion(text: string, release: Release): string {
  const manifest: Manifest & { packages?: Record<string, Manifest> } = JSON.parse(text)
  setPackageVersion(manifest, release)
  for (const [path, entry] of Object.entries(manifest.packages ?? {})) {
    if (!path.startsWith('node_modules/')) setPackageVersion(entry, release)
  }
  return `${JSON.stringify(manifest, undefined, 2)}\n`
}

type Manifest = { version?: string; dependencies?: Record<string, string>; devDependencies?: Record<string, string> }

function setPackageVersion(manifest: Manifest, { from, to }: Release): void {
  if (manifest.version === from) manifest.version = to
  for (const group of [manifest.dependencies ?? {}, manifest.devDependencies ?? {}]) {
    for (const name of Object.keys(group)) if (name.startsWith('@skerry/')) group[name] = to
  }
}

const UNRELEASED = '## Unreleased\n'

export function datedChangelog(text: string, { to, date }: Release): string {
  if (!text.includes(UNRELEASED))
    throw new Error('the changelog has no section "Unreleased", so nothing would be released')
  return text.replace(UNRELEASED, `## ${to} (${date})\n`)
}

const manifests = (): string[] => [
  'package.json',
  'package-lock.json',
  ...['packages', 'apps'].flatMap((top) => readdirSync(join(ROOT, top)).map((name) => `${top}/${name}/package.json`)),
]

async function setVersion(to: string, date: string): Promise<void> {
  const { version: from } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  if (compareAgentVersions(to, from) <= 0) throw new Error(`${to} is not newer than ${from}`)
  const release = { from, to, date }
  const texts = new Map<string, string>()
  const textOf = async (file: string) => texts.get(file) ?? (await readFile(join(ROOT, file), 'utf8'))
  for (const file of manifests()) texts.set(file, withPackageVersion(await textOf(file), release))
  for (const place of PLACES) texts.set(place.file, withVersion(await textOf(place.file), place, release))
  texts.set('CHANGELOG.md', datedChangelog(await textOf('CHANGELOG.md'), release))
  for (const [file, text] of texts) await writeFile(join(ROOT, file), text)
  process.stdout.write(`${texts.size} files have version ${to} now; "git diff" shows them\n`)
}

if (process.argv[1] === import.meta.filename) {
  const [version, date = new Date().toISOString().slice(0, 10)] = process.argv.slice(2)
  const to = AgentVersion.safeParse(version)
  if (!to.success)
    throw new Error('usage: node scripts/releases/set-version.ts VERSION [DATE], such as 0.2.0 2026-11-30')
  await setVersion(to.data, date)
}
