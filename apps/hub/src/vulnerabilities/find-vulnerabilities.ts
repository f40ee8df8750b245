/**
 * Find vulnerabilities: derives the state of each vulnerability from advisories, parts of versions, statements, accepted
 * risks and the reports of devices. Nothing about a match is stored, so a new advisory counts for old versions at once.
 */
import type { OrganisationId, VersionId } from '@skerry/contract/values/ids'
import type { OsvAdvisory } from '@skerry/contract/vulnerabilities/osv'
import {
  type AcceptedRisk,
  VULNERABLE_DEVICES_MAX,
  VULNERABLE_PARTS_MAX,
  type Vulnerability,
  type VulnerabilityDetail,
  VulnerabilitySeverity,
  type VulnerabilityState,
  type VulnerableComponent,
} from '@skerry/contract/vulnerabilities/vulnerability'
import type { VulnerableFact } from '@skerry/core/alerts/alert-facts'
import { judgeComponent, type VexFact, worstState } from '@skerry/core/vulnerabilities/judge-component'
import { matchAdvisory } from '@skerry/core/vulnerabilities/match-advisory'
import { readPackageUrl } from '@skerry/core/vulnerabilities/package-url'
import { severityOf } from '@skerry/core/vulnerabilities/severity'
import type { VersionVulnerability } from '@skerry/core/vulnerabilities/vulnerability-rules'
import { fromJson } from '../store/json-column.ts'
import { piecesOf } from '../store/many-rows.ts'
import type { Db } from '../store/store.ts'
import type { VersionTable } from '../store/tables/foundation-tables.ts'
import {
  type Candidate,
  listAccepted,
  listAdvisories,
  listCandidates,
  listRunning,
  listStatements,
} from './vulnerability-store.ts'

export type VulnerabilityWish = { organisationId: OrganisationId; nowMs: number }

type Version = Pick<VersionTable, 'id' | 'name' | 'version' | 'kind'>

type Found = {
  advisory: OsvAdvisory
  accepted: AcceptedRisk | undefined
  components: (VulnerableComponent & { versionId: VersionId })[]
}

type Running = Awaited<ReturnType<typeof listRunning>>

/** All vulnerabilities that match a part of a version, the most severe first. */
export async function findVulnerabilities(db: Db, wish: VulnerabilityWish): Promise<Vulnerability[]> {
  const candidates = await listCandidates(db, wish.organisationId)
  if (candidates.length === 0) return []
  const found = await judgeCandidates(db, wish, candidates)
  const ids = [...new Set(found.flatMap(({ components }) => components.map(({ versionId }) => versionId)))]
  const running = await listRunning(db, wish.organisationId, ids)
  return found.map((one) => viewOf(one, running)).sort(worstFirst)
}

/** Each vulnerability in each part of one version. */
export async function vulnerabilitiesOf(
  db: Db,
  wish: VulnerabilityWish,
  versionId: VersionId,
): Promise<VersionVulnerability[]> {
  const candidates = await listCandidates(db, wish.organisationId, { versionId })
  return (await judgeCandidates(db, wish, candidates)).flatMap(({ advisory, components }) =>
    components.map(({ state, purl, fixedIn }) => ({
      id: advisory.id,
      severity: severityOf(advisory).severity,
      state,
      purl,
      fixedIn,
    })),
  )
}

/** Consoles ask for alerts all the time. A vulnerability is days old when its advisory arrives. */
const REMEMBERED_MS = 60_000

type Remembered = { atMs: number; fact: VulnerableFact | undefined }

/** The last facts by organisation. Nothing depends on them: each hub finds them again. */
const remembered = new WeakMap<Db, Map<OrganisationId, Remembered>>()

/** A person has changed something, and wants to see the effect at once. Other hubs show it within a minute. */
export function forgetSevere(db: Db, organisationId: OrganisationId): void {
  remembered.get(db)?.delete(organisationId)
}

/** The open vulnerabilities on devices that are critical or high, at most a minute old. */
export async function severeVulnerabilities(db: Db, wish: VulnerabilityWish): Promise<VulnerableFact | undefined> {
  const { organisationId, nowMs } = wish
  const known = remembered.get(db) ?? new Map<OrganisationId, Remembered>()
  remembered.set(db, known)
  const last = known.get(organisationId)
  if (last && nowMs - last.atMs < REMEMBERED_MS) return last.fact
  const fact = await findSevere(db, wish)
  known.set(organisationId, { atMs: nowMs, fact })
  return fact
}

async function findSevere(db: Db, wish: VulnerabilityWish): Promise<VulnerableFact | undefined> {
  const found = (await findVulnerabilities(db, wish)).filter(({ state, devices }) => state === 'open' && devices > 0)
  const severe = found.flatMap(({ id, severity, devices }) =>
    severity === 'critical' || severity === 'high' ? [{ id, severity, devices }] : [],
  )
  const [worst] = severe
  return worst && { count: severe.length, worst }
}

/** One vulnerability with each part; undefined if no such advisory was imported. */
export async function explainVulnerability(
  db: Db,
  wish: VulnerabilityWish,
  id: string,
): Promise<VulnerabilityDetail | undefined> {
  const { organisationId } = wish
  const row = (await listAdvisories(db, organisationId, [id])).get(id)
  if (!row) return undefined
  const advisory = fromJson(row.document)
  const accepted = (await listAccepted(db, organisationId)).get(id)
  const [judged] = await judgeCandidates(db, wish, await listCandidates(db, organisationId, { advisory: id }))
  const found = judged ?? { advisory, accepted, components: [] }
  const running = await listRunning(db, organisationId, [...affectedOf(found)])
  const onDevices = running.map(({ device, site, name, version }) => ({ device, site, name, version }))
  return {
    ...viewOf(found, running),
    ...(advisory.details !== undefined && { details: advisory.details }),
    modifiedAtMs: row.modified_at_ms,
    components: found.components.map(({ versionId: _, ...component }) => component),
    onDevices: onDevices.slice(0, VULNERABLE_DEVICES_MAX),
  }
}

async function judgeCandidates(
  db: Db,
  { organisationId, nowMs }: VulnerabilityWish,
  candidates: readonly Candidate[],
): Promise<Found[]> {
  const byAdvisory = Map.groupBy(candidates, ({ advisory }) => advisory)
  const rows = await listAdvisories(db, organisationId, [...byAdvisory.keys()])
  const versions = await versionsOf(db, [...new Set(candidates.map(({ versionId }) => versionId))])
  const accepted = await listAccepted(db, organisationId)
  const said = Map.groupBy(await listStatements(db, organisationId), ({ vulnerability }) => vulnerability)
  const found: Found[] = []
  for (const [id, parts] of byAdvisory) {
    const row = rows.get(id)
    if (!row) continue
    const advisory = fromJson(row.document)
    const statements = [id, ...advisory.aliases].flatMap((name) => said.get(name) ?? [])
    const facts = { advisory, statements, accepted: accepted.get(id), nowMs }
    // Most advisories are about older versions of a package, and many versions have the same parts.
    const matching = new Set([...new Set(parts.map(({ purl }) => purl))].filter((purl) => isMatch(advisory, purl)))
    const affected = parts.filter(({ purl }) => matching.has(purl))
    const components = affected.flatMap(({ versionId, purl }) => componentOf(facts, versions.get(versionId), purl))
    if (components.length > 0) found.push({ advisory, accepted: accepted.get(id), components })
  }
  return found
}

function isMatch(advisory: OsvAdvisory, purl: string): boolean {
  const component = readPackageUrl(purl)
  return component !== undefined && matchAdvisory(advisory, component).verdict !== 'not'
}

type Facts = { advisory: OsvAdvisory; statements: VexFact[]; accepted: AcceptedRisk | undefined; nowMs: number }

function componentOf(facts: Facts, version: Version | undefined, purl: string): Found['components'] {
  const component = readPackageUrl(purl)
  const judged = version && component && judgeComponent({ ...facts, component, version })
  if (!judged) return []
  const { state, fixedIn, reason, vex } = judged
  return [
    {
      versionId: version.id,
      name: version.name,
      version: version.version,
      kind: version.kind,
      purl,
      state,
      reason: reason.slice(0, REASON_MAX),
      ...(fixedIn !== undefined && { fixedIn }),
      ...(vex && { vex: vexOf(vex) }),
    },
  ]
}

/** The limit of the answer. */
const REASON_MAX = 1_000

const vexOf = ({ status, author, justification }: VexFact) => ({
  status,
  author,
  ...(justification !== undefined && { justification }),
})

async function versionsOf(db: Db, ids: readonly VersionId[]): Promise<Map<VersionId, Version>> {
  const found = new Map<VersionId, Version>()
  for (const piece of piecesOf(ids)) {
    const rows = await db
      .selectFrom('versions')
      .select(['id', 'name', 'version', 'kind'])
      .where('id', 'in', piece)
      .execute()
    for (const row of rows) found.set(row.id, row)
  }
  return found
}

/** The versions in which the vulnerability may do harm. */
function affectedOf({ components }: Found): Set<VersionId> {
  return new Set(components.flatMap(({ versionId, state }) => (state === 'harmless' ? [] : [versionId])))
}

function partsOf({ components }: Found): string[] {
  const urgentFirst = components.toSorted((a, b) => STATES.indexOf(a.state) - STATES.indexOf(b.state))
  return [...new Set(urgentFirst.map(({ purl }) => purl))].slice(0, VULNERABLE_PARTS_MAX)
}

function viewOf(found: Found, running: Running): Vulnerability {
  const { advisory, accepted, components } = found
  const affected = affectedOf(found)
  const { severity, score } = severityOf(advisory)
  const devices = new Set(
    running.flatMap(({ versionId, device, site }) => (affected.has(versionId) ? [`${site}/${device}`] : [])),
  )
  return {
    id: advisory.id,
    aliases: advisory.aliases,
    summary: advisory.summary ?? '',
    severity,
    ...(score !== undefined && { score }),
    state: worstState(components.map(({ state }) => state)),
    parts: partsOf(found),
    versions: affected.size,
    devices: devices.size,
    ...(accepted && { accepted }),
  }
}

const SEVERITIES = VulnerabilitySeverity.options
const STATES: readonly VulnerabilityState[] = ['open', 'possible', 'accepted', 'harmless']

/** Open ones on devices come before all others. */
function worstFirst(a: Vulnerability, b: Vulnerability): number {
  const byState = STATES.indexOf(a.state) - STATES.indexOf(b.state)
  const bySeverity = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)
  return byState || bySeverity || b.devices - a.devices || (a.id < b.id ? -1 : 1)
}
