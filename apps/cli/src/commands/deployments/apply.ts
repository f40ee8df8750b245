import type { SkerryClient } from '@skerry/client/client'
import { asIs, command, flag, list } from '../../program/command.ts'
import { fail, failureOf, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { YES } from '../../program/options.ts'
import type { Session } from '../../program/session.ts'
import { consentWords, refusedText } from './deploy-consent.ts'
import {
  findDuplicates,
  type ManifestProblem,
  manifestKinds,
  nameOf,
  type PlacedManifest,
  parseManifests,
} from './manifest.ts'
import { applyManifest, compareManifest, type ManifestChange, paintDiff } from './manifest-change.ts'

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
  const deeds: string[] = []
  for (const { manifest, plan, moves } of changes) {
    if (moves !== undefined) deeds.push(moves)
    if (!plan || plan.change === 'none' || manifest.kind !== 'Deployment') continue
    const refused = refusedText(plan)
    if (refused !== undefined) session.note(session.style.yellow(refused))
    const words = consentWords(plan, { spec: manifest.spec, isVersionWritten: true })
    if (words !== undefined) deeds.push(words)
  }
  if (deeds.length === 0) return
  if (isDryRun) session.note(`this would ${deeds.join('; and ')}`)
  else await session.confirm(deeds.join('; and '), yes)
}

const ORDER = Object.keys(manifestKinds)

async function readAll(files: readonly string[], session: Session): Promise<PlacedManifest[]> {
  const manifests: PlacedManifest[] = []
  const problems: ManifestProblem[] = []
  for (const file of files) {
    const isStdin = file === '-'
    const text = isStdin ? await session.io.readStdin() : await readText(file)
    const parsed = parseManifests(isStdin ? 'stdin' : file, text)
    manifests.push(...parsed.manifests)
    problems.push(...parsed.problems)
  }
  refuse([...problems, ...findDuplicates(manifests)])
  return manifests.toSorted((a, b) => ORDER.indexOf(a.manifest.kind) - ORDER.indexOf(b.manifest.kind))
}

/**
 * Sends all of them to the hub for a comparison first. So the hub rejects an invalid one before another has been
 * applied.
 */
async function compareAll(
  client: SkerryClient,
  placed: readonly PlacedManifest[],
  { signal }: Session,
): Promise<ManifestChange[]> {
  const changes: ManifestChange[] = []
  const problems: ManifestProblem[] = []
  for (const { place, manifest } of placed) {
    try {
      changes.push(await compareManifest(client, manifest, signal))
    } catch (error) {
      const failure = failureOf(error, signal)
      if (!REFUSALS.includes(failure.code)) throw error
      problems.push({ place, message: `${nameOf(manifest)}: ${failure.code}: ${failure.message}` })
    }
  }
  refuse(problems)
  return changes
}

/** Errors of the hub about a document's content. All others are problems with the hub itself. */
const REFUSALS: readonly string[] = [
  'model_unknown',
  'version_unknown',
  'alias_unknown',
  'selector_invalid',
  'analysis_invalid',
  'input_invalid',
  'group_refused',
]

async function applyAll(
  client: SkerryClient,
  changes: readonly ManifestChange[],
  session: Session,
): Promise<unknown[]> {
  const results: unknown[] = []
  for (const change of changes) {
    try {
      results.push(change.change === 'none' ? undefined : await applyManifest(client, change, session.signal))
    } catch (error) {
      const done = changes.slice(0, results.length).filter((earlier) => earlier.change !== 'none')
      if (done.length > 0)
        session.note(`applied before the failure: ${done.map(({ manifest }) => nameOf(manifest)).join(', ')}`)
      throw error
    }
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
