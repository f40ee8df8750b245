/**
 * Install steps: a listing with the choices of a person, as ordinary requests of the API in their order: sources and
 * sinks first, then models, flows and apps in the order of the listing, each with its deployment.
 */
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import type { GoldenInputs } from '@skerry/contract/devices/golden'
import type { InstalledObject, InstallStep, RolloutPreset } from '@skerry/contract/market/installation'
import type { ConnectionItem, Listing, ListingPermission, VersionItem } from '@skerry/contract/market/listing'
import { PushRequest } from '@skerry/contract/models/model'
import type { Digest } from '@skerry/contract/values/digest'
import { configProblems } from '../apps/app-config.ts'
import { presetStrategy } from '../deployments/strategy-presets.ts'
import { canonicalJson } from '../values/canonical-json.ts'
import { type Filled, fillTemplate, fillValue, placeholdersIn, type Values } from './fill-template.ts'
import { isUnusedSample, objectName, settingsFor, valuesOf } from './listing-settings.ts'

export type InstallChoices = {
  name: string
  settings: AppConfig
  selector: string
  scope: string
  preset?: RolloutPreset | undefined
}

/** A document with the settings in it, which the hub stores before the steps run. */
export type FilledBlob = { digest: Digest; text: string }

export type InstallDraft =
  | { ok: true; steps: InstallStep[]; blobs: FilledBlob[]; objects: InstalledObject[]; asked: ListingPermission[] }
  | { ok: false; message: string }

export type ListingFiles = {
  /** The JSON documents of the listing: templates, specs and golden inputs. */
  documentOf: (digest: Digest) => unknown
  digestOf: (text: string) => Digest
}

/** The first problem of the settings, or the whole draft. */
export function draftInstall(listing: Listing, choices: InstallChoices, files: ListingFiles): InstallDraft {
  const [wrong] = configProblems(settingsFor(listing, choices.name), choices.settings)
  if (wrong) return { ok: false, message: `the setting ${wrong.setting} ${wrong.message}` }
  const values = valuesOf(listing, choices)
  const draft: Draft = { choices, values, files, steps: [], blobs: [], objects: [] }
  for (const item of listing.connections) {
    if (isUnusedSample(item, values, choices.name)) continue
    const problem = addConnection(draft, item)
    if (problem !== undefined) return { ok: false, message: `${item.item}: ${problem}` }
  }
  for (const item of listing.versions) {
    const problem = addVersion(draft, item, listing)
    if (problem !== undefined) return { ok: false, message: `${item.item}: ${problem}` }
  }
  const asked = filledPermissions(listing.permissions, values)
  if (!asked.ok) return asked
  const { steps, blobs, objects } = draft
  return { ok: true, steps, blobs, objects, asked: asked.permissions }
}

type Draft = {
  choices: InstallChoices
  values: Values
  files: ListingFiles
  steps: InstallStep[]
  blobs: FilledBlob[]
  objects: InstalledObject[]
}

/** Returns a problem if there is one. */
function addConnection({ choices, values, files, ...draft }: Draft, item: ConnectionItem): string | undefined {
  const name = objectName(choices.name, item.item)
  const filled = named(fillTemplate(files.documentOf(item.spec.digest), item.places, values), name)
  if (!filled.ok) return filled.message
  const { connection } = item
  const { scope } = choices
  draft.steps.push({ does: 'set-connection', connection, name, scope, spec: { ...filled.document, name } })
  draft.objects.push({ object: connection, name, scope })
  return undefined
}

function addVersion({ choices, values, files, ...draft }: Draft, item: VersionItem, listing: Listing) {
  const name = objectName(choices.name, item.item)
  const template = templateFile({ values, files }, item, name)
  if (!template.ok) return template.message
  if (template.blob) draft.blobs.push(template.blob)
  const config = filledConfig(item.config ?? {}, values)
  if (!config.ok) return config.message
  const versionFiles = item.files.map(({ path, digest }) => ({
    path,
    digest: path === item.template?.path && template.blob ? template.blob.digest : digest,
  }))
  const golden = item.golden && (files.documentOf(item.golden.digest) as GoldenInputs)
  const labels = { 'market/listing': listing.name, 'market/version': listing.version }
  const push = PushRequest.safeParse({ name, files: versionFiles, labels, ...(golden && { golden }) })
  if (!push.success) return `${push.error.issues[0]?.path.join('.')}: ${push.error.issues[0]?.message}`
  const spec = DeploymentSpec.parse({
    name,
    deployable: name,
    selector: choices.selector,
    ...(choices.preset && { strategy: presetStrategy(choices.preset) }),
    ...(item.probationSeconds !== undefined && { probation: { seconds: item.probationSeconds } }),
    ...(Object.keys(config.config).length > 0 && { config: config.config }),
  })
  draft.steps.push({ does: 'push', item: item.item, push: push.data }, { does: 'deploy', item: item.item, spec })
  draft.objects.push({ object: 'deployable', name }, { object: 'deployment', name })
  return undefined
}

type Rendered = { ok: true; blob?: FilledBlob } | { ok: false; message: string }

function templateFile({ values, files }: Pick<Draft, 'values' | 'files'>, item: VersionItem, name: string): Rendered {
  const { template } = item
  if (!template) return { ok: true }
  const file = item.files.find(({ path }) => path === template.path)
  if (!file) return { ok: false, message: `${template.path} is no file of the item` }
  const filled = named(fillTemplate(files.documentOf(file.digest), template.places, values), name)
  if (!filled.ok) return filled
  const text = canonicalJson({ ...filled.document, name })
  return { ok: true, blob: { digest: files.digestOf(text), text } }
}

/** A flow and a connection carry their own name. */
function named(
  filled: Filled,
  name: string,
): { ok: true; document: Record<string, unknown> } | { ok: false; message: string } {
  if (!filled.ok) return filled
  const { document } = filled
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return { ok: false, message: `the document of ${name} is no object` }
  }
  return { ok: true, document: document as Record<string, unknown> }
}

function filledConfig(
  config: AppConfig,
  values: Values,
): { ok: true; config: AppConfig } | { ok: false; message: string } {
  const entries: [string, AppConfig[string]][] = []
  for (const [key, value] of Object.entries(config)) {
    const hasPlaceholder = typeof value === 'string' && placeholdersIn(value).length > 0
    const filled: Filled = hasPlaceholder ? fillValue(value, values) : { ok: true, document: value }
    if (!filled.ok) return { ok: false, message: `config ${key} ${filled.message}` }
    entries.push([key, filled.document as AppConfig[string]])
  }
  return { ok: true, config: Object.fromEntries(entries) }
}

type FilledPermissions = { ok: true; permissions: ListingPermission[] } | { ok: false; message: string }

/** The permissions with the choices of the person in them: another choice is another permission. */
function filledPermissions(permissions: readonly ListingPermission[], values: Values): FilledPermissions {
  const filled: ListingPermission[] = []
  for (const permission of permissions) {
    const target = placeholdersIn(permission.target).length > 0 ? fillValue(permission.target, values) : undefined
    if (target && !target.ok) return { ok: false, message: `the permission ${permission.target} ${target.message}` }
    filled.push(target ? { ...permission, target: String(target.document) } : permission)
  }
  return { ok: true, permissions: filled }
}
