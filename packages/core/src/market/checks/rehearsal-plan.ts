/**
 * Rehearsal plan: the parts of a listing that a certifier runs without a device: flows over the sample data of
 * simulators, and models over their golden cases.
 */
import { App } from '@skerry/contract/apps/app'
import { GoldenInputs } from '@skerry/contract/devices/golden'
import { Flow } from '@skerry/contract/flows/flow'
import { APP_PATH } from '@skerry/contract/kinds/app'
import type { InstallStep } from '@skerry/contract/market/installation'
import type { Listing, MarketKind, VersionItem } from '@skerry/contract/market/listing'
import type { PushRequest } from '@skerry/contract/models/model'
import type { SimulatorSource } from '@skerry/contract/sources/source'
import { Source } from '@skerry/contract/sources/source'
import type { Digest } from '@skerry/contract/values/digest'
import type { InstallDraft } from '../install-steps.ts'
import { objectName } from '../listing-settings.ts'
import type { PlannedApp } from './container-facts.ts'

/** The way in which a kind is run: over samples, over golden cases, or by an engine of containers. */
export type RehearsalWay = 'replay' | 'golden' | 'engine'

const WAYS: Readonly<Record<MarketKind, RehearsalWay>> = { model: 'golden', flow: 'replay', app: 'engine' }

/** The items of a listing that are run in this way. */
export const rehearsedItems = ({ versions }: Pick<Listing, 'versions'>, way: RehearsalWay) =>
  versions.filter(({ kind }) => WAYS[kind] === way)

/** A model is opened by the name that flows call it by. */
export type PlannedModel = {
  item: string
  name: string
  files: PushRequest['files']
  golden: GoldenInputs | undefined
}

export type RehearsalPlan = {
  seconds: number
  flows: { item: string; flow: Flow }[]
  sources: SimulatorSource[]
  models: PlannedModel[]
  apps: PlannedApp[]
}

export type Planned = { ok: true; plan: RehearsalPlan } | { ok: false; message: string }

/** Fails if a source of the listing has no sample data. */
export function planRehearsal(
  listing: Listing,
  draft: Extract<InstallDraft, { ok: true }>,
  documentOf: (digest: Digest) => unknown,
): Planned {
  const filled = new Map(draft.blobs.map(({ digest, text }) => [digest, JSON.parse(text) as unknown]))
  const plan: RehearsalPlan = { seconds: listing.sample?.seconds ?? 0, flows: [], sources: [], models: [], apps: [] }
  for (const step of draft.steps) {
    if (step.does === 'set-connection' && step.connection === 'source') {
      const source = sampleSource(listing, step, documentOf)
      if (typeof source === 'string') return { ok: false, message: source }
      plan.sources.push(source)
    }
    if (step.does === 'push') addItem(plan, listing, step, (digest) => filled.get(digest) ?? documentOf(digest))
    if (step.does === 'deploy') configure(plan, step)
  }
  if (plan.flows.length + plan.models.length + plan.apps.length > 0) return { ok: true, plan }
  return { ok: false, message: 'it has no flow, no model and no app, so nothing can be run' }
}

type PushStep = { item: string; push: PushRequest }

/** The settings of an app stand in its deployment. */
function configure({ apps }: RehearsalPlan, { item, spec }: Extract<InstallStep, { does: 'deploy' }>): void {
  const planned = apps.find((each) => each.item === item)
  if (planned) planned.config = spec.config ?? {}
}

/** A kind of another way adds nothing. Level 1 has found a document that is no flow. */
function addItem(
  plan: RehearsalPlan,
  listing: Listing,
  { item, push }: PushStep,
  documentOf: (digest: Digest) => unknown,
): void {
  const version = listing.versions.find((each) => each.item === item)
  const way = version && WAYS[version.kind]
  if (way === 'golden') {
    const golden = version?.golden && GoldenInputs.safeParse(documentOf(version.golden.digest)).data
    plan.models.push({ item, name: push.name, files: push.files, golden })
  }
  const [main] = push.files
  const flow = way === 'replay' && main ? Flow.safeParse(documentOf(main.digest)).data : undefined
  if (flow) plan.flows.push({ item, flow })
  if (version && way === 'engine') addApp(plan, version, documentOf)
}

/** Level 1 has found a document that is no app. */
function addApp({ apps }: RehearsalPlan, { item, files }: VersionItem, documentOf: (digest: Digest) => unknown): void {
  const main = files.find(({ path }) => path === APP_PATH)
  const app = main && App.safeParse(documentOf(main.digest)).data
  if (app) apps.push({ item, app, config: {}, files })
}

/** The simulator of a source, or the reason why there is none. */
function sampleSource(
  listing: Listing,
  { name, spec }: { name: string; spec: Readonly<Record<string, unknown>> },
  documentOf: (digest: Digest) => unknown,
): SimulatorSource | string {
  const own = listing.sample?.sources.find(({ item }) => objectName(listing.name, item) === name)
  const document = own ? documentOf(own.spec.digest) : spec
  const parsed = Source.safeParse({ ...(document as object), name })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return `the sample data of ${name} are no source: ${issue?.path.join('.')}: ${issue?.message}`
  }
  const source = parsed.data
  if (source.protocol !== 'simulator') {
    return `the source ${name} is ${source.protocol} and has no sample data: name a simulator in "sample.sources"`
  }
  if (source.connection.recording) return `the sample data of ${name} come from a file of the device, which is not here`
  return source
}
