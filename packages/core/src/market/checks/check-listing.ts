/**
 * Check listing: the checks of level 1, form and supply chain. Each check is a pure function of the listing and its
 * files, so a repetition gives the same result.
 */
import type { AppConfig, ConfigSchema, SettingFormat } from '@skerry/contract/apps/config-schema'
import { Flow } from '@skerry/contract/flows/flow'
import { kinds } from '@skerry/contract/kinds/kinds'
import type { CheckName, FormCheck } from '@skerry/contract/market/certificate'
import type { Listing } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import type { OsvAdvisory } from '@skerry/contract/vulnerabilities/osv'
import { schemaProblems } from '../../apps/app-config.ts'
import { secretInText, secretInVariable } from '../../apps/secret-scan.ts'
import { draftInstall, type InstallDraft } from '../install-steps.ts'
import { settingsFor } from '../listing-settings.ts'
import { permissionKey } from '../permission-diff.ts'
import { iconFindings, markdownFindings, mixedScriptWord } from './check-content.ts'
import { checkVulnerabilities } from './check-vulnerabilities.ts'
import { connectionNeeds, versionNeeds } from './needed-permissions.ts'
import { unknownLicences } from './spdx.ts'

/** A file of the listing, as it was found. */
export type FoundFile = {
  /** Of the bytes that were found; undefined if the file is missing. */
  measured: { digest: Digest; sizeBytes: number } | undefined
  /** Files that are small enough to be read. */
  bytes?: Uint8Array
  /** The content of JSON documents. */
  document?: unknown
}

export type CheckedListing = {
  listing: Listing
  files: ReadonlyMap<Digest, FoundFile>
  digestOf: (text: string) => Digest
  /** Undefined if there are none, so that nothing is known about the parts. */
  advisories?: readonly OsvAdvisory[] | undefined
}

export type CheckResult = {
  check: CheckName
  result: 'PASSED' | 'WARNED' | 'FAILED'
  facts: Record<string, string | number>
  /** Facts of this run, which another run measures again. */
  measured?: Record<string, string | number>
  /** Sentences for people; empty if all is well. */
  findings: string[]
}

/** 4 GiB in one listing: more is a hub of its own. */
const LISTING_TOTAL_MAX = 4 * 1024 ** 3

/** More findings than a person reads. */
const FINDINGS_MAX = 50

type Check = (checked: Checked) => Omit<CheckResult, 'check' | 'result'> & { result?: CheckResult['result'] }
type Checked = CheckedListing & { draft: InstallDraft }

const checks: Readonly<Record<FormCheck, Check>> = {
  form: checkForm,
  names: checkNames,
  digests: checkDigests,
  sizes: checkSizes,
  licence: checkLicence,
  secrets: checkSecrets,
  content: checkContent,
  permissions: checkPermissions,
  sbom: checkSbom,
  vulnerabilities: checkVulnerabilities,
  evidence: checkEvidence,
}

/** All checks of level 1, in the order of the contract. The settings are tried with their defaults. */
export function checkListing(checked: CheckedListing): CheckResult[] {
  const draft = draftWithSamples(checked)
  return Object.entries(checks).map(([check, run]) => {
    const judged = run({ ...checked, draft })
    const { findings, result = findings.length === 0 ? 'PASSED' : 'FAILED' } = judged
    return { ...judged, check: check as FormCheck, result, findings: findings.slice(0, FINDINGS_MAX) }
  })
}

/** A required setting without a default gets an example value, so that the documents can be made. */
export function draftWithSamples({ listing, files, digestOf }: CheckedListing): InstallDraft {
  const choices = { name: listing.name, settings: sampleSettings(listing), selector: 'true', scope: 'organisation' }
  return draftInstall(listing, choices, { documentOf: (digest) => files.get(digest)?.document, digestOf })
}

/** Example values of the required settings that have no default. */
export function sampleSettings(listing: Listing): AppConfig {
  const { properties = {}, required = [] } = listing.settings ?? {}
  const missing = required.filter((name) => Object.hasOwn(properties, name) && properties[name]?.default === undefined)
  const samples = missing.map((name) => {
    const setting = properties[name]
    if (!setting || setting.type === 'string')
      return [name, setting?.format ? SAMPLES[setting.format] : (setting?.enum?.[0] ?? sampleText(setting))] as const
    return [name, setting.type === 'boolean' ? false : (setting.enum?.[0] ?? setting.minimum ?? 1)] as const
  })
  return Object.fromEntries(samples)
}

const SAMPLES: Readonly<Record<SettingFormat, string>> = { tag: 'x/x', 'writable-tag': 'x/x', sink: 'x' }

const sampleText = (setting: { minLength?: number | undefined } | undefined) =>
  'x'.repeat(Math.max(setting?.minLength ?? 1, 1))

function checkForm({ listing, draft }: Checked) {
  const items = [...listing.versions, ...listing.connections].map(({ item }) => item)
  const repeated = items.filter((item, index) => items.indexOf(item) < index)
  const schema = settingsFor(listing, listing.name)
  const settings = schema ? schemaProblems(schema) : []
  const samples = listing.connections.flatMap(({ item, sampleFor = [] }) =>
    sampleFor.filter((name) => !isSampled(schema, name)).map((name) => ({ item, name })),
  )
  return {
    facts: { items: items.length, settings: Object.keys(listing.settings?.properties ?? {}).length },
    findings: [
      ...(items.length === 0 ? ['the listing has no item'] : []),
      ...repeated.map((item) => `two items are called ${item}`),
      ...settings.map(({ setting, message }) => `the setting ${setting} ${message}`),
      ...samples.map(({ item, name }) => `${item} is sample data for ${name}, which is no setting with a format`),
      ...(draft.ok ? flowProblems(draft) : [draft.message]),
    ],
  }
}

/** Only a setting with a format can name other equipment in place of a sample. */
function isSampled(schema: ConfigSchema | undefined, name: string): boolean {
  const { properties = {} } = schema ?? {}
  const setting = Object.hasOwn(properties, name) ? properties[name] : undefined
  return setting?.type === 'string' && setting.format !== undefined
}

/** The documents with settings in them must still be flows; a hub checks all others at their installation. */
function flowProblems({ blobs }: Extract<InstallDraft, { ok: true }>): string[] {
  return blobs.flatMap(({ text }) => {
    const parsed = Flow.safeParse(JSON.parse(text))
    if (parsed.success) return []
    return parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`)
  })
}

function checkNames({ listing: { title, summary, publisher } }: Checked) {
  const findings = Object.entries({ title, summary, publisher }).flatMap(([field, text]) => {
    const word = mixedScriptWord(text)
    return word === undefined ? [] : [`the ${field} has the word ${word}, with letters of two scripts`]
  })
  return { facts: {}, findings }
}

function checkDigests({ files }: Checked) {
  const findings = [...files].flatMap(([digest, { measured }]) => {
    if (!measured) return [`the file ${digest} is missing`]
    return measured.digest === digest ? [] : [`the file ${digest} has the digest ${measured.digest}`]
  })
  return { facts: { files: files.size }, findings }
}

function checkSizes({ listing, files }: Checked) {
  const declared = new Map(
    listing.versions.flatMap(({ files: all }) => all.map(({ digest, sizeBytes }) => [digest, sizeBytes])),
  )
  const wrong = [...declared].filter(([digest, size]) => (files.get(digest)?.measured?.sizeBytes ?? size) !== size)
  const bytes = [...files.values()].reduce((sum, { measured }) => sum + (measured?.sizeBytes ?? 0), 0)
  return {
    facts: { bytes },
    findings: [
      ...wrong.map(([digest]) => `the file ${digest} has another size than the listing says`),
      ...(bytes > LISTING_TOTAL_MAX ? ['the files have more than 4 GiB together'] : []),
    ],
  }
}

function checkLicence({ listing: { licence } }: Checked) {
  const findings = unknownLicences(licence).map((id) => `${id} is no licence that Skerry knows by its SPDX id`)
  return { facts: { licence }, findings }
}

function checkSecrets({ listing, files }: Checked) {
  const texts: [string, string][] = [
    ['the description', listing.description],
    ['the changelog', listing.changelog],
    ...[...files].flatMap(([digest, { document }]): [string, string][] =>
      document === undefined ? [] : [[`the document ${digest}`, JSON.stringify(document)]],
    ),
  ]
  const found = texts.flatMap(([place, text]) => {
    const secret = secretInText(text)
    return secret === undefined ? [] : [`${place} has ${secret}`]
  })
  const config = listing.versions.flatMap(({ item, config = {} }) =>
    Object.entries(config).flatMap(([name, value]) => {
      const secret = secretInVariable(name, String(value))
      return secret === undefined ? [] : [`the settings of ${item} have ${secret}`]
    }),
  )
  return { facts: { texts: texts.length }, findings: [...found, ...config] }
}

function checkContent({ listing: { icon, pictures = [], description, changelog }, files }: Checked) {
  const bytes = icon && files.get(icon.digest)?.bytes
  return {
    facts: { icon: icon?.type ?? 'none', ...(pictures.length > 0 && { pictures: pictures.length }) },
    findings: [
      ...(icon && bytes ? iconFindings(icon.type, bytes).map((danger) => `the icon ${danger}`) : []),
      ...pictures.flatMap(({ digest, text }) =>
        iconFindings('image/png', files.get(digest)?.bytes ?? new Uint8Array()).map(
          (danger) => `the picture "${text}" ${danger}`,
        ),
      ),
      ...markdownFindings(description).map((danger) => `the description ${danger}`),
      ...markdownFindings(changelog).map((danger) => `the changelog ${danger}`),
    ],
  }
}

/** Each used access is asked for. A listing may ask for more: the run in a sandbox decides about that. */
function checkPermissions({ listing, files, draft }: Checked) {
  if (!draft.ok) return { facts: {}, findings: ['the permissions cannot be compared, because the form is wrong'] }
  const asked = new Set(draft.asked.map(permissionKey))
  const connections = draft.steps.flatMap((step) => (step.does === 'set-connection' ? connectionNeeds(step.spec) : []))
  const filled = new Map(draft.blobs.map(({ digest, text }) => [digest, JSON.parse(text) as unknown]))
  const versions = draft.steps.flatMap((step) => {
    if (step.does !== 'push') return []
    const item = listing.versions.find((each) => each.item === step.item)
    return step.push.files.flatMap(({ digest }) =>
      item ? versionNeeds(item.kind, filled.get(digest) ?? files.get(digest)?.document) : [],
    )
  })
  const needed = [...new Set([...connections, ...versions].map(permissionKey))]
  return {
    facts: { asked: asked.size, needed: needed.length },
    findings: needed.filter((key) => !asked.has(key)).map((key) => `it uses "${key}", and does not ask for it`),
  }
}

/** A model brings a bill of materials that names each of its files. */
function checkSbom({ listing, files }: Checked) {
  const models = listing.versions.filter(({ kind }) => kinds[kind].serves)
  const findings = models.flatMap(({ item, sbom, files: own }) => {
    const text = sbom && files.get(sbom.digest)?.document
    if (!text) return [`the model ${item} has no bill of materials`]
    const spelled = JSON.stringify(text)
    if (!spelled.includes('"CycloneDX"')) return [`the bill of materials of ${item} is no CycloneDX document`]
    const missing = own.filter(({ digest }) => !spelled.includes(digest.slice('sha256:'.length)))
    return missing.map(({ path }) => `the bill of materials of ${item} does not name ${path}`)
  })
  return { facts: { models: models.length }, findings }
}

/** A model without a better result than a simple rule is not worth its risk. */
function checkEvidence({ listing: { versions, evidence } }: Checked) {
  const models = versions.filter(({ kind }) => kinds[kind].serves)
  const findings = models.flatMap(({ item }) => {
    const found = evidence.find((each) => each.item === item)
    if (!found) return [`the model ${item} has no measured result`]
    const { value, baseline, measure } = found
    return value > baseline.value
      ? []
      : [`the ${measure} ${value} of ${item} is not above ${baseline.value} of ${baseline.name}`]
  })
  return { facts: { results: evidence.length }, findings }
}
