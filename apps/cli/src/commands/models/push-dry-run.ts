/**
 * Push dry run: shows the effect of a push without the push. The file, its weights and the golden inputs are read as a
 * push reads them, and this computer tries a model as the hub does. The hub is only read: it gets no bytes, and no
 * record.
 */
import { totalmem } from 'node:os'
import { eachRow } from '@skerry/client/page'
import { problemOf } from '@skerry/client/problem'
import { GOLDEN_PATH } from '@skerry/contract/devices/golden'
import { kindOf } from '@skerry/contract/kinds/kinds'
import type { Model, ModelFile, PushRequest, Version } from '@skerry/contract/models/model'
import { expectKind } from '../../kinds/kinds.ts'
import { flag } from '../../program/command.ts'
import { problemFailure } from '../../program/failure.ts'
import type { Hub, Session } from '../../program/session.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, labelsText, sizeText } from '../../program/terminal/words.ts'

export const PUSH_DRY_RUN = flag(
  '--dry-run',
  'check the files, try a model here, show what would be pushed, and store nothing',
)

/** `path` is the pushed file on this computer. */
export type DraftPush = Omit<PushRequest, 'files'> & { files: ModelFile[]; path: string }

type PushPlan = {
  dryRun: true
  name: string
  /** The next number of the model. The hub gives no number twice, so it is higher if newer versions were removed. */
  version: number
  files: ModelFile[]
  sizeBytes: number
  goldenCases: number
  /** Whether this computer loaded the model, and its answers to the golden cases were right. */
  tried: boolean
  labels: Record<string, string>
  aliases: string[]
  /** A version of the model with these files, and whether it has as many golden cases. */
  existing: { version: number; hasSameGoldenCount: boolean } | undefined
}

/** Prints the effect of the push. It fails as the push would, as far as this is known without storing anything. */
export async function dryRunPush({ client }: Hub, draft: DraftPush, session: Session): Promise<void> {
  const { name, files, golden, labels = {}, aliases = [], lineage } = draft
  const found = await findModel(client, name, session.signal)
  if (found) expectKind(found.deployable, kindOf(files) ?? 'model')
  // A parent that does not exist is an error of the push, and so it is here.
  for (const parent of lineage?.parents ?? []) await client.model.getVersion(parent, { signal: session.signal })
  const goldenCases = golden?.cases.length ?? 0
  const tried = await tryModel(draft, session.signal)
  const same = found && (await versionOf(client, { name, files, goldenCases }, session.signal))
  const plan: PushPlan = {
    dryRun: true,
    name,
    version: (found?.deployable.latestVersion ?? 0) + 1,
    files: files.map(({ path, digest, sizeBytes }) => ({ path, digest, sizeBytes })),
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    goldenCases,
    tried,
    labels,
    aliases,
    existing: same && { version: same.version, hasSameGoldenCount: same.goldenCases === goldenCases },
  }
  session.print({ json: plan, text: () => planText(plan, found?.deployable, session.style) })
}

/** Fails with the problem that the hub would report. False for a kind that this computer cannot try. */
async function tryModel({ files, path, golden }: DraftPush, signal: AbortSignal): Promise<boolean> {
  if ((kindOf(files) ?? 'model') !== 'model') return false
  // The runtime would slow the start of every other command.
  const { runGoldenInputs } = await import('@skerry/inference/seat/golden-trial')
  const result = await runGoldenInputs({ modelPath: path, inputs: golden, memoryBytes: totalmem() }, signal)
  if (!result.ok) throw problemFailure(result)
  return true
}

async function findModel(client: Hub['client'], name: PushRequest['name'], signal: AbortSignal) {
  try {
    return await client.model.get({ name }, { signal })
  } catch (error) {
    if (problemOf(error).code === 'model_unknown') return undefined
    throw error
  }
}

type Content = Pick<DraftPush, 'name' | 'files'> & { goldenCases: number }

/** The newest version with these files; one with as many golden cases is preferred. */
async function versionOf(client: Hub['client'], { name, files, goldenCases }: Content, signal: AbortSignal) {
  let other: Version | undefined
  for await (const version of eachRow((page) => client.model.versions({ name, ...page }, { signal }))) {
    if (!hasFiles(version, files)) continue
    if (version.goldenCases === goldenCases) return version
    other ??= version
  }
  return other
}

const hasFiles = (version: Version, files: readonly ModelFile[]): boolean => {
  // The hub writes this one itself, with the outputs.
  const own = version.files.filter(({ path }) => path !== GOLDEN_PATH)
  return own.length === files.length && own.every((one) => files.some((file) => isSame(file, one)))
}

const isSame = (a: ModelFile, b: ModelFile) => a.path === b.path && a.digest === b.digest

function planText(plan: PushPlan, model: Model | undefined, style: Style): string {
  const { name, files, sizeBytes, goldenCases, labels, aliases, existing } = plan
  const facts = factsOf(style, [
    ['model', model ? `${name}, ${countText(model.versionCount, 'version')}` : `${name}, new`],
    ['size', sizeText(sizeBytes)],
    ['golden cases', goldenCases === 0 ? 'none: devices cannot compare their answers' : goldenCases],
    ['labels', labelsText(labels)],
    ['aliases', aliases.map((alias) => `@${alias}`).join(' ')],
  ])
  const rows = files.map((file) => [file.path, sizeText(file.sizeBytes), file.digest])
  const outcome = existing ? existingText(plan, existing) : createText(plan)
  return [`${outcome}; nothing was stored`, facts, tableOf(style, ['FILE', 'SIZE', 'DIGEST'], rows, '')].join('\n\n')
}

/** The sentence names the checks that only a push makes, so that nobody relies on them. */
function createText({ name, version, tried, goldenCases }: PushPlan): string {
  const passed = goldenCases === 0 ? 'the model loads here' : `${countText(goldenCases, 'golden case')} passed here`
  const untried = goldenCases === 0 ? 'the files' : 'the golden cases'
  const checks = tried ? `${passed}; trust and room` : `${untried}, trust and room`
  return `a push would create ${name}:${version} if the hub accepts it: ${checks} are checked only at the push`
}

function existingText(plan: PushPlan, existing: NonNullable<PushPlan['existing']>): string {
  const { name, version, goldenCases } = plan
  const known = `the hub has these files as ${name}:${existing.version}`
  if (!existing.hasSameGoldenCount) return `${known}, with other golden cases; ${createText(plan)}`
  if (goldenCases === 0) return `${known}; a push would create no version`
  const count = countText(goldenCases, 'golden case')
  return `${known}, with ${count}; if they are the same, a push would create no version, else ${name}:${version}`
}
