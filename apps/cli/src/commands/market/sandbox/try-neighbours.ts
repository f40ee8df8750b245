/** Try neighbours: runs a listing between itself and each version that it follows, as an upgrade and a rollback do. */
import type { ListingVersion } from '@skerry/contract/market/listing'
import { sampleSettings } from '@skerry/core/market/checks/check-listing'
import {
  type AppSuccession,
  type NeighbourPlan,
  neighboursOf,
  planNeighbour,
  type TriedNeighbours,
} from '@skerry/core/market/checks/check-neighbours'
import { readEnvelope } from '@skerry/platform/market/catalogue-folder'
import { openCatalogue } from '@skerry/platform/signatures/catalogue-signature'
import { type PublishedListing, readPublished } from '../publish/published-listing.ts'
import type { RunListing } from './certify-behaviour.ts'
import { rehearseSuccession } from './containers/rehearse-succession.ts'
import { rehearsePlan } from './rehearse-plan.ts'

/** The findings of all neighbours, or the reason why they could not be tried. */
export async function tryNeighbours(listed: RunListing, signal: AbortSignal): Promise<TriedNeighbours> {
  const { listing, catalogue } = listed
  const versions = neighboursOf(listing)
  if (versions.length === 0) return { ok: true, versions, findings: [] }
  if (catalogue === undefined) {
    return { ok: false, reason: `it follows ${versions.join(', ')}; name the folder that has them with --catalogue` }
  }
  const findings: string[] = []
  for (const version of versions) {
    const before = await versionIn(catalogue, { name: listing.name, version }, signal)
    if (!before) return { ok: false, reason: `the catalogue ${catalogue} has no ${listing.name}@${version}` }
    const tried = await tryOne(listed, before, signal)
    if (!tried.ok) return tried
    findings.push(...tried.findings)
  }
  return { ok: true, versions, findings }
}

async function versionIn(
  folder: string,
  { name, version }: { name: string; version: ListingVersion },
  signal: AbortSignal,
): Promise<PublishedListing | undefined> {
  const read = await readEnvelope(folder)
  // The digests of the entry bind its files. The signature is the business of the command that opens the catalogue.
  const opened = read.ok ? openCatalogue(read.envelope, [], 0) : undefined
  if (!opened?.ok) return undefined
  const entry = opened.index.listings.find((each) => each.name === name && each.version === version)
  return entry && readPublished(folder, entry, signal)
}

type Tried = { ok: true; findings: string[] } | { ok: false; reason: string }

async function tryOne(listed: RunListing, before: PublishedListing, signal: AbortSignal): Promise<Tried> {
  const { listing, files, digestOf } = listed
  const plan = planNeighbour(
    { listing: before.listing, documentOf: (digest) => before.found.get(digest)?.document },
    { listing, documentOf: (digest) => files.get(digest)?.document },
    { settings: sampleSettings(before.listing), digestOf },
  )
  const findings = [...plan.findings]
  if (findings.length === 0) findings.push(...(await runFindings(plan, listed, signal)))
  for (const succession of plan.successions) {
    const tried = await trySuccession(succession, { listed, before }, signal)
    if (!tried.ok) return tried
    findings.push(...tried.findings)
  }
  return { ok: true, findings }
}

async function runFindings({ runs }: NeighbourPlan, listed: RunListing, signal: AbortSignal): Promise<string[]> {
  const findings: string[] = []
  for (const { words, plan } of runs) {
    const { first, second } = await rehearsePlan(plan, listed, signal)
    const failed = [first, second].find((run) => !run.ok)
    if (failed && !failed.ok) findings.push(`${words}: ${failed.message}`)
  }
  return findings
}

async function trySuccession(
  { words, apps }: AppSuccession,
  { listed, before }: { listed: RunListing; before: PublishedListing },
  signal: AbortSignal,
): Promise<Tried> {
  // The images of both versions are files of the one or the other.
  const contentOf: RunListing['contentOf'] = (digest) =>
    before.found.has(digest) ? before.contentOf(digest) : listed.contentOf(digest)
  const tried = await rehearseSuccession({ apps, contentOf, socket: listed.engineSocket }, signal)
  if (!tried.ok) return tried
  return { ok: true, findings: tried.trouble === undefined ? [] : [`${words}: ${tried.trouble}`] }
}
