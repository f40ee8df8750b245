import type { SkerryClient } from '@skerry/client/client'
import {
  applyChanges,
  compareManifests,
  consentsOf,
  type ManifestFile,
  readManifests,
} from '@skerry/client/manifests/apply-manifests'
import { type ManifestProblem, nameOf, type PlacedManifest } from '@skerry/client/manifests/manifest'
import type { ManifestChange } from '@skerry/client/manifests/manifest-change'
import { refusedText } from '@skerry/core/deployments/deploy-consent'
import { asIs, command, flag, list } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { YES } from '../../program/options.ts'
import type { Session } from '../../program/session.ts'
import { paintDiff } from './painted-diff.ts'

export const applyManifests = command({
  name: 'apply',
  summary: 'Create or change sites, groups and deployments as described in files',
  details:
    'A file has YAML documents of kind Site, Group or Deployment; docs/reference/yaml.md has all fields, and "-o yaml" prints a thing as such ' +
    'a document. All are checked before any is applied: sites first, then groups, then deployments, each only if nobody changed it ' +
    'meanwhile. Everything else stays as it is. If devices would lose a model, the command asks for confirmation.',
  examples: [
    'skerry apply -f fleet.yaml --dry-run',
    'skerry apply -f sites.yaml -f deployments.yaml',
    'generate | skerry apply -f -',
  ],
  arguments: {},
  options: {
    files: list('-f, --file <file>', 'YAML file, or - for stdin', asIs),
    isDryRun: flag('--dry-run', 'show what would change, and change nothing'),
    yes: YES,
  },
  async run({ files, isDryRun, yes }, session) {
    if (files.length === 0) throw wrongUsage('a file is missing', 'give it with -f')
    const placed = await readAll(files, session)
    const { client } = await session.hub()
    const changes = await compareAll(client, placed, session)
    const { style } = session
    for (const { manifest, change, diff } of changes) {
      if (change !== 'none') session.note(`${style.bold(nameOf(manifest))}\n${paintDiff(diff, style)}`)
    }
    await confirmLeaves(changes, { isDryRun, yes, session })
    const results = isDryRun ? [] : await applyAll(client, changes, session)
    session.print({
      json: {
        dryRun: isDryRun,
        changes: changes.map(({ manifest, change, diff }, index) => ({
          kind: manifest.kind,
          name: manifest.metadata.name,
          change,
          diff,
          result: results[index],
        })),
      },
      text: () => changes.map((change) => lineOf(change, isDryRun)).join('\n') || 'the files describe nothing',
    })
  },
})

type Confirming = { isDryRun: boolean; yes: boolean; session: Session }

/**
 * Confirms all removals before the first document is applied, so that nobody loses a model unseen. A file names every
 * version, so none of them comes unseen.
 */
async function confirmLeaves(
  changes: readonly ManifestChange[],
  { isDryRun, yes, session }: Confirming,
): Promise<void> {
  for (const { plan } of changes) {
    const refused = plan && plan.change !== 'none' ? refusedText(plan) : undefined
    if (refused !== undefined) session.note(session.style.yellow(refused))
  }
  const deeds = consentsOf(changes)
  if (deeds.length === 0) return
  if (isDryRun) session.note(`this would ${deeds.join('; and ')}`)
  else await session.confirm(deeds.join('; and '), yes)
}

async function readAll(files: readonly string[], session: Session): Promise<PlacedManifest[]> {
  const texts: ManifestFile[] = []
  for (const file of files) {
    const isStdin = file === '-'
    texts.push({ file: isStdin ? 'stdin' : file, text: isStdin ? await session.io.readStdin() : await readText(file) })
  }
  const { manifests, problems } = readManifests(texts)
  refuse(problems)
  return manifests
}

async function compareAll(client: SkerryClient, placed: readonly PlacedManifest[], { signal }: Session) {
  const { changes, problems } = await compareManifests(client, placed, signal)
  refuse(problems)
  return changes
}

async function applyAll(
  client: SkerryClient,
  changes: readonly ManifestChange[],
  session: Session,
): Promise<unknown[]> {
  const results: unknown[] = []
  try {
    await applyChanges(client, changes, results, session.signal)
  } catch (error) {
    const done = changes.slice(0, results.length).filter((earlier) => earlier.change !== 'none')
    if (done.length > 0)
      session.note(`applied before the failure: ${done.map(({ manifest }) => nameOf(manifest)).join(', ')}`)
    throw error
  }
  return results
}

function lineOf({ manifest, change }: ManifestChange, isDryRun: boolean): string {
  const words = {
    create: ['created', 'would be created'],
    update: ['changed', 'would be changed'],
    none: ['unchanged', 'unchanged'],
  }
  return `${nameOf(manifest)} ${words[change][isDryRun ? 1 : 0]}`
}

function refuse(problems: readonly ManifestProblem[]): void {
  const [first, ...rest] = problems
  if (!first) return
  const more = rest.map(({ place, message }) => `\n  ${place}: ${message}`).join('')
  throw fail('file_invalid', `${first.place}: ${first.message}${more}`, { data: { problems } })
}
