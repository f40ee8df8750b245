/**
 * Search: the state of a page that its address keeps besides the path, so that people can share a view. Invalid parts
 * are dropped.
 */
import { ApprovalStatus } from '@skerry/contract/approvals/approval'
import { JobOutcome } from '@skerry/contract/batches/batch'
import { DeviceHealth } from '@skerry/contract/devices/device'
import { Outcome } from '@skerry/contract/rollouts/rollout'
import { SignalPath } from '@skerry/contract/sinks/sink-value'
import type { ShownHealth } from '@skerry/core/devices/tense'
import type { ShownOutcome } from '@skerry/core/rollouts/views/outcome-words'

type Raw = Record<string, unknown>

const word = (value: unknown): string | undefined => {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  return typeof text === 'string' && text !== '' ? text.slice(0, 2_000) : undefined
}

export type ListSearch = { q?: string | undefined; sort?: string | undefined }
export type SiteSearch = {
  q?: string | undefined
  group?: Grouping | undefined
  sort?: SiteSort | undefined
  /** Whether the dialog that creates a site is open. */
  new?: true | undefined
}
export type DeviceSearch = ListSearch & { health?: ShownHealth | undefined }
export type DeviceViewSearch = {
  tab?: DeviceTab | undefined
  kind?: string | undefined
  /** The signal whose values are shown, and their time range. */
  signal?: string | undefined
  span?: SpanName | undefined
}
export type RolloutSearch = ListSearch & { outcome?: ShownOutcome | undefined }
export type BatchSearch = { outcome?: JobOutcome | undefined; sort?: string | undefined }
export type NewBatchSearch = { to?: string | undefined }
export type ApprovalSearch = ListSearch & {
  tab?: 'rules' | undefined
  status?: ApprovalStatus | undefined
  /** The request that is open. */
  request?: string | undefined
}
export type SecuritySearch = ListSearch & {
  tab?: SecurityTab | undefined
  status?: FindingStatus | undefined
  /** The finding that is open. */
  finding?: string | undefined
}
export type AuditSearch = {
  /** An instant, or a span before now: `24h`. */
  from?: string | undefined
  to?: string | undefined
  actor?: string | undefined
  action?: string | undefined
  object?: string | undefined
  result?: string | undefined
  /** The record that is open. */
  record?: number | undefined
}
export type MarketSearch = {
  q?: string | undefined
  tab?: MarketTab | undefined
  category?: string | undefined
  kind?: string | undefined
  channel?: 'beta' | undefined
  /** Only listings for the kinds of equipment that are connected. */
  mine?: true | undefined
}
export type ListingSearch = { tab?: ListingTab | undefined; version?: string | undefined }
/** `as` names the installation that is upgraded or repeated. */
export type InstallSearch = { as?: string | undefined; version?: string | undefined }
export type SettingsSearch = ListSearch & { tab?: SettingsTab | undefined }
export type UploadSearch = { model?: string | undefined }
/** A number stays a number, so that the address reads `?a=1&b=2`. */
export type VersionWord = string | number
export type CompareSearch = { a?: VersionWord | undefined; b?: VersionWord | undefined }
/** The device whose equipment is shown at first. */
export type EditSourceSearch = { browse?: string | undefined }
export type BuildsSearch = {
  /** The class of hardware whose time and memory the chart shows. */
  class?: string | undefined
  axis?: BuildAxis | undefined
  measure?: BuildMeasure | undefined
  sort?: string | undefined
  /** The build whose details are open. */
  build?: string | undefined
}
export type PlaygroundSearch = { device?: string | undefined }
export type SignInSearch = { next?: string | undefined }

export const GROUPINGS = ['country', 'kind'] as const
export type Grouping = (typeof GROUPINGS)[number]
export const SITE_SORTS = ['name', 'trouble', 'devices'] as const
export type SiteSort = (typeof SITE_SORTS)[number]

export const DEVICE_TABS = ['state', 'equipment', 'containers', 'values', 'history', 'access', 'settings'] as const
export type DeviceTab = (typeof DEVICE_TABS)[number]

export const SPAN_NAMES = ['1h', '6h', '24h', '7d'] as const
export type SpanName = (typeof SPAN_NAMES)[number]

/** The axes of the chart of builds. */
export const BUILD_AXES = ['size', 'time', 'memory'] as const
export type BuildAxis = (typeof BUILD_AXES)[number]
export const BUILD_MEASURES = ['agreement', 'difference'] as const
export type BuildMeasure = (typeof BUILD_MEASURES)[number]

export const SECURITY_TABS = ['findings', 'rules', 'webhook'] as const
export type SecurityTab = (typeof SECURITY_TABS)[number]
export const FINDING_STATUSES = ['open', 'dismissed'] as const
export type FindingStatus = (typeof FINDING_STATUSES)[number]

export const SETTINGS_TABS = [
  'organisations',
  'tokens',
  'joining',
  'keys',
  'people',
  'roles',
  'agents',
  'secrets',
  'certificates',
  'trail',
  'health',
  'about',
] as const
export type SettingsTab = (typeof SETTINGS_TABS)[number]

export const MARKET_TABS = ['listings', 'installed', 'catalogues', 'entitlements', 'review'] as const
export type MarketTab = (typeof MARKET_TABS)[number]
export const LISTING_TABS = ['about', 'permissions', 'evidence', 'versions'] as const
export type ListingTab = (typeof LISTING_TABS)[number]

export const listSearch = (raw: Raw): ListSearch => ({ q: word(raw.q), sort: word(raw.sort) })
export const siteSearch = (raw: Raw): SiteSearch => ({
  q: word(raw.q),
  group: GROUPINGS.find((group) => group === raw.group),
  sort: SITE_SORTS.find((sort) => sort === raw.sort),
  new: raw.new === true ? true : undefined,
})
export const deviceSearch = (raw: Raw): DeviceSearch => ({
  ...listSearch(raw),
  health: raw.health === 'stopped' ? raw.health : DeviceHealth.safeParse(raw.health).data,
})
export const deviceViewSearch = (raw: Raw): DeviceViewSearch => ({
  tab: DEVICE_TABS.find((tab) => tab === raw.tab),
  kind: word(raw.kind),
  signal: SignalPath.safeParse(raw.signal).data,
  span: SPAN_NAMES.find((span) => span === raw.span),
})
/** [outcome-words.ts in core] The whole list would load on the first page. */
const shownOutcomeOf = (raw: unknown): ShownOutcome | undefined =>
  raw === 'not-reached' || raw === 'pending' ? raw : Outcome.safeParse(raw).data

export const rolloutSearch = (raw: Raw): RolloutSearch => ({
  ...listSearch(raw),
  outcome: shownOutcomeOf(raw.outcome),
})
export const batchSearch = (raw: Raw): BatchSearch => ({
  outcome: JobOutcome.safeParse(raw.outcome).data,
  sort: word(raw.sort),
})
export const newBatchSearch = (raw: Raw): NewBatchSearch => ({ to: word(raw.to) })
export const approvalSearch = (raw: Raw): ApprovalSearch => ({
  ...listSearch(raw),
  tab: raw.tab === 'rules' ? 'rules' : undefined,
  status: ApprovalStatus.safeParse(raw.status).data,
  request: word(raw.request),
})
export const securitySearch = (raw: Raw): SecuritySearch => ({
  ...listSearch(raw),
  tab: SECURITY_TABS.find((tab) => tab === raw.tab),
  status: FINDING_STATUSES.find((status) => status === raw.status),
  finding: word(raw.finding),
})
export const auditSearch = (raw: Raw): AuditSearch => ({
  from: word(raw.from),
  to: word(raw.to),
  actor: word(raw.actor),
  action: word(raw.action),
  object: word(raw.object),
  result: word(raw.result),
  record: Number.isSafeInteger(raw.record) && Number(raw.record) > 0 ? Number(raw.record) : undefined,
})
export const settingsSearch = (raw: Raw): SettingsSearch => ({
  ...listSearch(raw),
  tab: SETTINGS_TABS.find((tab) => tab === raw.tab),
})
export const marketSearch = (raw: Raw): MarketSearch => ({
  q: word(raw.q),
  tab: MARKET_TABS.find((tab) => tab === raw.tab),
  category: word(raw.category),
  kind: word(raw.kind),
  channel: raw.channel === 'beta' ? 'beta' : undefined,
  mine: raw.mine === true ? true : undefined,
})
export const listingSearch = (raw: Raw): ListingSearch => ({
  tab: LISTING_TABS.find((tab) => tab === raw.tab),
  version: word(raw.version),
})
export const installSearch = (raw: Raw): InstallSearch => ({ as: word(raw.as), version: word(raw.version) })
export const uploadSearch = (raw: Raw): UploadSearch => ({ model: word(raw.model) })
export const compareSearch = (raw: Raw): CompareSearch => ({ a: versionWord(raw.a), b: versionWord(raw.b) })
const versionWord = (value: unknown): VersionWord | undefined => {
  const text = word(value)
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : text
}
export const buildsSearch = (raw: Raw): BuildsSearch => ({
  class: word(raw.class),
  axis: BUILD_AXES.find((axis) => axis === raw.axis),
  measure: BUILD_MEASURES.find((measure) => measure === raw.measure),
  sort: word(raw.sort),
  build: word(raw.build),
})
export const playgroundSearch = (raw: Raw): PlaygroundSearch => ({ device: word(raw.device) })
/** The device from whose page a person comes. */
export type NewSourceSearch = { device?: string | undefined }
export const newSourceSearch = (raw: Raw): NewSourceSearch => ({ device: word(raw.device) })
/** The source from whose page a person comes, by its id. */
export type UploadFlowSearch = { source?: string | undefined }
export const uploadFlowSearch = (raw: Raw): UploadFlowSearch => ({ source: word(raw.source) })
export const editSourceSearch = (raw: Raw): EditSourceSearch => ({ browse: word(raw.browse) })
/** The code that a terminal shows. A person types any other code again. */
export type ConnectSearch = { code?: string | undefined; organisation?: string | undefined }
export const connectSearch = (raw: Raw): ConnectSearch => {
  const code = word(raw.code)
  return {
    code: code !== undefined && /^[B-Z]{4}-[B-Z]{4}$/.test(code) ? code : undefined,
    organisation: word(raw.organisation),
  }
}

/** Only a path of the console itself. A link that somebody sent must not lead elsewhere after the sign-in. */
export const signInSearch = (raw: Raw): SignInSearch => {
  const next = word(raw.next)
  return { next: next !== undefined && /^\/(?![/\\])/.test(next) ? next : undefined }
}
