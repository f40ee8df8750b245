/**
 * Site draft: a site as text in fields, the contract's errors for it, and the merge of a change with somebody else's.
 */

import { type Site, SiteSpec } from '@skerry/contract/sites/site'
import type { Labels } from '@skerry/contract/values/names'
import { labelLines, parseLabels } from '../device/label-lines.ts'
import { sitePageTexts } from './english-site.ts'

const FIELDS = ['name', 'kind', 'country', 'region', 'latitude', 'longitude', 'clearance', 'labels'] as const
export type DraftField = (typeof FIELDS)[number]
export type SiteDraft = Record<DraftField, string>

/** The empty fields of a new site. */
export const EMPTY_DRAFT: SiteDraft = {
  name: '',
  kind: 'edge',
  country: '',
  region: '',
  latitude: '',
  longitude: '',
  clearance: 'internal',
  labels: '',
}

/** The fields of a site. */
export const draftOf = ({
  name,
  kind,
  country,
  region,
  coordinates,
  clearance,
  labels,
}: SiteSpec | Site): SiteDraft => ({
  name,
  kind,
  clearance,
  country: country ?? '',
  region: region ?? '',
  labels: labelLines(labels),
  latitude: coordinates === undefined ? '' : String(coordinates.latitude),
  longitude: coordinates === undefined ? '' : String(coordinates.longitude),
})

export type ParsedDraft = { ok: true; spec: SiteSpec } | { ok: false; problems: Partial<SiteDraft> }

const words = sitePageTexts.siteForm

/** Parses the fields by the contract, or returns the error of each field. */
export function parseDraft(draft: SiteDraft): ParsedDraft {
  const trimmed = Object.fromEntries(FIELDS.map((field) => [field, draft[field].trim()])) as SiteDraft
  const labels = parseLabels(draft.labels)
  const problems = coordinateProblems(trimmed)
  if (!labels.ok) problems.labels = words.labelInvalid(labels.line)
  const parsed = SiteSpec.safeParse(rawOf(trimmed, labels.ok ? labels.labels : {}))
  for (const { path, message } of parsed.error?.issues ?? []) {
    const field = FIELDS.find((each) => each === (path[0] === 'coordinates' ? path[1] : path[0]))
    // A field shows only its first error, because a person corrects that one first.
    if (field) problems[field] ??= message
  }
  return parsed.success && Object.keys(problems).length === 0
    ? { ok: true, spec: parsed.data }
    : { ok: false, problems }
}

function rawOf({ name, kind, country, region, latitude, longitude, clearance }: SiteDraft, labels: Labels) {
  const isPlaced = latitude !== '' && longitude !== ''
  return {
    name,
    kind,
    clearance,
    labels,
    ...(country !== '' && { country }),
    ...(region !== '' && { region }),
    ...(isPlaced && { coordinates: { latitude: Number(latitude), longitude: Number(longitude) } }),
  }
}

function coordinateProblems({ latitude, longitude }: SiteDraft): Partial<SiteDraft> {
  const problemOf = (value: string, other: string) => {
    if (value === '') return other === '' ? undefined : words.both
    return Number.isFinite(Number(value)) ? undefined : words.notANumber
  }
  const found = { latitude: problemOf(latitude, longitude), longitude: problemOf(longitude, latitude) }
  return Object.fromEntries(Object.entries(found).filter(([, problem]) => problem !== undefined))
}

export type FieldChange = { field: DraftField; before: string; after: string }

/** The fields that differ between two drafts. */
export const changesBetween = (before: SiteDraft, after: SiteDraft): FieldChange[] =>
  FIELDS.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    before: before[field],
    after: after[field],
  }))

export type FieldConflict = { field: DraftField; was: string; now: string; mine: string | undefined }

/** The fields that somebody else changed. `mine` is set if this draft changed the same field to a different value. */
export const conflictsOf = ({ base, theirs, mine }: Rivals): FieldConflict[] =>
  changesBetween(base, theirs).map(({ field, before, after }) => ({
    field,
    was: before,
    now: after,
    mine: mine[field] === base[field] || mine[field] === after ? undefined : mine[field],
  }))

/** The common start, the other person's version, and the fields here. */
export type Rivals = { base: SiteDraft; theirs: SiteDraft; mine: SiteDraft }

/** The other person's values, with every field that was changed here. */
export const rebase = ({ base, theirs, mine }: Rivals): SiteDraft =>
  Object.fromEntries(
    FIELDS.map((field) => [field, mine[field] === base[field] ? theirs[field] : mine[field]]),
  ) as SiteDraft
