/** `skerry apply` */
import type { SkerryClient } from '@skerry/client/client'
import { asIs, command, flag, list } from '../../program/command.ts'
import { fail, failureOf, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { YES } from '../../program/options.ts'
import type { Session } from '../../program/session.ts'
import { consentWords, refusedText } from './deploy-consent.ts'
import { findDuplicates, type ManifestProblem, nameOf, type PlacedManifest, parseManifests } from './manifest.ts'
import { applyManifest, compareManifest, type ManifestChange, paintDiff } from './manifest-change.ts'

export const applyManifests = command({
  name: 'apply',
  summary: 'Create or change sites and deployments as described in files',
  details:
    'A file has YAML documents of kind Site or Deployment. All are checked before any is applied: sites first, then deployments, each ' +
    'only if nobody changed it meanwhile. Everything else stays as it is. If devices would lose a model, the command asks for confirmation.',
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

/** All at once, before the first is applied: nobody loses a model unseen. A file says every version, so none of them comes unseen. */
async function confirmLeaves(
  changes: readonly ManifestChange[],
  { isDryRun, yes, session }: Confirming,
): Promise<void> {
  const deeds: string[] = []
  for (const { manifest, plan } of changes) {
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

const ORDER = ['Site', 'Deployment'] as const

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

/** Asks the hub about all of them, so that one that it refuses is found before another has been applied. */
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

/** What the hub says of a document's content; all else is trouble with the hub itself. */
const REFUSALS: readonly string[] = [
  'model_unknown',
  'version_unknown',
  'alias_unknown',
  'selector_invalid',
  'analysis_invalid',
  'input_invalid',
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
