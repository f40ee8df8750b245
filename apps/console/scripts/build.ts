/**
 * `npm run build -w @skerry/console`: builds the pages into dist/web, as the hub serves them. Assets are named by their
 * content, each with a brotli and a gzip form beside it. The build fails if the first load is heavier than its budget.
 * With --if-changed it does nothing if nothing changed.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { build, type Manifest, type Plugin } from 'vite'
import { compressFolder } from './compress-folder.ts'
import { STAMP_NAME, takePlace } from './take-place.ts'

/** [Issue 3] Compressed JavaScript until the first page is visible: about a second on a slow mobile line. */
const FIRST_LOAD_MAX_BYTES = 250_000

/** The page that most people open first; its own code counts as well. */
const FIRST_PAGE = 'src/pages/overview/overview-page.tsx'

/** The module with which the console begins. */
const MAIN = 'src/main.tsx'

/** The parts of the table of procedures that only the hub needs: the importing file, then the imported file. */
const ANYTHING = '\0anything'
const LANGUAGES = [
  ['api/connection-procedures.ts', '../connections/connection-spec.ts'],
  ['api/connection-procedures.ts', '../connections/connection.ts'],
  ['api/fleet/device-command-procedures.ts', '../../connections/connection.ts'],
  ['models/model.ts', '../checks/test-report.ts'],
  ['models/model.ts', '../flows/flow.ts'],
  ['models/model.ts', '../devices/golden.ts'],
  ['api/build-procedures.ts', '../builds/build.ts'],
  ['api/build-procedures.ts', '../builds/bench-command.ts'],
  ['api/build-procedures.ts', '../builds/device-ranges.ts'],
  ['batches/batch-command.ts', '../builds/bench-command.ts'],
  ['batches/batch-command.ts', '../builds/device-ranges.ts'],
  ['batches/batch-command.ts', '../apps/app.ts'],
  ['api/monitor-procedures.ts', '../monitors/monitor.ts'],
  ['api/monitor-procedures.ts', '../monitors/profile.ts'],
  ['api/monitor-procedures.ts', '../monitors/profile-rows.ts'],
  ['api/monitor-procedures.ts', '../monitors/subject.ts'],
  ['api/capture-procedures.ts', '../captures/capture.ts'],
  ['api/capture-procedures.ts', '../captures/performance.ts'],
  ['api/campaign-procedures.ts', '../campaigns/campaign.ts'],
  ['api/campaign-procedures.ts', '../campaigns/survey.ts'],
  ['api/fleet/traffic-procedures.ts', '../../traffic/traffic.ts'],
  ['api/fleet/ddi-procedures.ts', '../../ddi/ddi-device.ts'],
  ['api/fleet/device-procedures.ts', '../../joining/device-installation.ts'],
  ['api/fleet/vulnerability-procedures.ts', '../../vulnerabilities/osv.ts'],
  ['api/fleet/vulnerability-procedures.ts', '../../vulnerabilities/vulnerability.ts'],
  ['api/fleet/vulnerability-procedures.ts', '../../vulnerabilities/vulnerability-rule.ts'],
  ['api/fleet/test-report-procedures.ts', '../../checks/test-report.ts'],
  ['api/fleet/image-procedures.ts', '../../registry/registry.ts'],
  ['api/learning-procedures.ts', '../learning/learning.ts'],
  ['api/learning-procedures.ts', '../learning/mark.ts'],
  ['api/fleet/learning-fleet-procedures.ts', '../../learning/learning-fleet.ts'],
  ['api/fleet/learning-fleet-procedures.ts', '../../learning/mark.ts'],
  ['devices/device-command.ts', '../captures/capture.ts'],
  ['deployments/deployment.ts', '../builds/build.ts'],
  ['deployments/deployment.ts', '../places/placement.ts'],
  ['api/places/placement-procedures.ts', '../../places/placement.ts'],
  ['api/places/pair-procedures.ts', '../../pairs/pair.ts'],
  ['api/places/scaling-procedures.ts', '../../scaling/scaling.ts'],
  ['api/places/scaling-procedures.ts', '../../scaling/schedule-proposal.ts'],
  ['models/serving.ts', '../scaling/scaling.ts'],
  ['devices/item.ts', '../scaling/scaling.ts'],
  ['kinds/model.ts', '../scaling/scaling.ts'],
  ['api/places/route-procedures.ts', '../../routes/route.ts'],
  ['api/fleet/git-source-procedures.ts', '../../git-sources/git-source.ts'],
  ['api/models/model-feed-procedures.ts', '../../model-feeds/model-feed.ts'],
  ['api/fleet/alert-procedures.ts', '../../alerts/alert.ts'],
  ['api/fleet/group-procedures.ts', '../../groups/group.ts'],
  ['api/fleet/settings-procedures.ts', '../../settings/device-settings.ts'],
  ['api/build-procedures.ts', '../builds/measurement.ts'],
  ['deployments/deployment.ts', '../builds/measurement.ts'],
  ['deployments/deployment.ts', '../builds/named-build.ts'],
  ['devices/device.ts', './device-item.ts'],
  ['devices/device.ts', '../places/device-place.ts'],
  ['api/deployment-procedures.ts', '../deployments/rollback.ts'],
  ['api/deployment-procedures.ts', '../deployments/deployment-revision.ts'],
  ['api/deployment-procedures.ts', '../deployments/explanation.ts'],
  ['api/fleet/device-procedures.ts', '../../devices/device-event.ts'],
  ['api/fleet/selector-procedures.ts', '../../deployments/selector-preview.ts'],
  ['api/model-procedures.ts', '../models/sbom.ts'],
  ['api/hub-procedures.ts', '../hub/hub-health.ts'],
  ['api/hub-procedures.ts', '../alerts/alert.ts'],
  ['api/look-procedures.ts', '../flows/flow-look.ts'],
  ['api/look-procedures.ts', '../sources/source-look.ts'],
  ['api/look-procedures.ts', '../hub/look.ts'],
  ['api/audit-procedures.ts', '../audit/audit-archive.ts'],
  ['api/audit-procedures.ts', '../audit/audit-checkpoint.ts'],
  ['api/audit-procedures.ts', '../audit/audit-export.ts'],
  ['api/intrusion-procedures.ts', '../intrusion/intrusion-webhook.ts'],
  ['api/authority-procedures.ts', '../authorities/authority.ts'],
  ['api/fleet/app-procedures.ts', '../../apps/app.ts'],
  ['api/fleet/app-procedures.ts', '../../apps/app-log.ts'],
  ['api/fleet/access-procedures.ts', '../../access/access.ts'],
  ['api/look-procedures.ts', '../devices/device-command.ts'],
  ['api/fleet/device-command-procedures.ts', '../../devices/device-command.ts'],
  ['api/fleet/device-command-procedures.ts', '../../models/infer.ts'],
  ['api/fleet/device-command-procedures.ts', '../../sinks/sink-trial.ts'],
  ['api/fleet/language-procedures.ts', '../../language-models/asking.ts'],
  ['api/market-procedures.ts', '../market/catalogue.ts'],
  ['api/market-procedures.ts', '../market/certificate.ts'],
  ['api/market-procedures.ts', '../market/installation.ts'],
  ['api/market-procedures.ts', '../market/listing.ts'],
  ['api/market-procedures.ts', '../market/opinion.ts'],
  ['api/market/entitlement-procedures.ts', '../../market/entitlement.ts'],
  ['api/market/entitlement-procedures.ts', '../../market/listing.ts'],
  ['api/market/submission-procedures.ts', '../../market/submission.ts'],
  ['batches/batch-command.ts', '../apps/app.ts'],
  ['devices/device-command.ts', '../apps/app.ts'],
  ['kinds/app.ts', '../apps/config-schema.ts'],
  ['deployments/deployment.ts', '../apps/config-schema.ts'],
] as const

/** The schemas that accept anything in that table. */
const UNCHECKED = [
  ...['Connection', 'ConnectionPlan', 'ConnectionScope', 'ConnectionSpec', 'ConnectionState', 'DeviceConnections'],
  ...['SourceSpec', 'SinkSpec', 'Flow', 'GoldenInputs', 'GoldenSource', 'Build', 'Optimisation', 'OptimisationPlan'],
  ...['RollbackPlan', 'DeviceEvent', 'DeviceEventKind', 'ModelSbom', 'HubHealth', 'HubCertificates', 'Alerts'],
  ...['Monitor', 'MonitorSubject', 'ProfileSummary', 'StabilitySeries', 'ReferenceProfile', 'ProfileRows'],
  ...['Capture', 'CaptureDevice', 'CaptureLabel', 'CaptureRules', 'ExportedRow', 'GivenLabel', 'LabelOutcome'],
  ...['Campaign', 'CampaignCandidate', 'CampaignParticipant', 'CampaignRound', 'CampaignSpec', 'Survey', 'SurveySpec'],
  ...['DdiDevice', 'DdiSpec', 'DdiToken', 'DeviceInstallation'],
  ...['DeviceLine', 'SentLine', 'SentStatedPlace', 'StatedPlace'],
  'TestPolicy',
  'TestReport',
  'TestReportDetail',
  'TestRules',
  'VersionTests',
  'RegistryImage',
  'Repository',
  'CycloneDx',
  'OpenVex',
  'OsvAdvisory',
  'VulnerabilityId',
  'Vulnerability',
  'VulnerabilityDetail',
  'VulnerabilityState',
  'VulnerabilityPolicy',
  'VulnerabilityRules',
  ...['Learning', 'LearningSpec', 'LeftOutTimes', 'MARK_MS_MAX', 'MarkKind'],
  ...['LearningFleet', 'LearningFleetSpec', 'LearningFleetUndone'],
  ...['LabelValue', 'RequestKey', 'ReviewedRow', 'SubjectId', 'ModelPerformance'],
  ...['TrafficSeries', 'TrafficSpan'],
  ...['AuditArchive', 'AuditRetention', 'AuditCheckpoint', 'AuditKey', 'SyslogState', 'SyslogWish'],
  ...['IntrusionWebhook', 'IntrusionWebhookAnswer', 'IntrusionWebhookMade', 'IntrusionWebhookWish'],
  ...['Authority', 'AuthorityChain', 'AuthorityOverview'],
  ...['Recipe', 'HardwareClass', 'Measurement'],
  ...['ClassBuild', 'BuildChoices', 'NamedBuild', 'PlannedForm', 'ServedForm', 'DeviceItem'],
  ...['GatewayReport', 'Route', 'RouteDetail', 'RouteRow', 'RouteSpec', 'RouteTable'],
  ...['CommitHash', 'GitSource', 'GitSourceSpec', 'ModelFeed', 'ModelFeedSpec'],
  ...['AlertId', 'ShelfSeconds'],
  ...['Pair', 'PairSpec'],
  ...['Group', 'GroupDetail', 'GroupPlan', 'GroupSpec'],
  ...['DeviceSettings', 'SettingsLayer', 'SettingsOnDevice', 'SettingsPlan', 'SettingsScope'],
  ...['Placement', 'PlacementDecision', 'WhatIf', 'WhatIfAnswer'],
  ...['ItemScale', 'Scaling', 'ScalingDecision', 'ScheduleProposal', 'ScalingRule'],
  ...['AccessGrant', 'AccessRecording', 'AccessSession', 'AccessState', 'AccessTicket', 'AccessWish'],
  ...['AppConfig', 'PlacedConfigs', 'AppLogLine', 'ServiceName', 'TagReading', 'TagWritten', 'InferAnswer', 'AskPart'],
  'Catalogue',
  'CatalogueEntry',
  'CatalogueUrl',
  'WithdrawReason',
  'FoundListing',
  'SearchFacets',
  'Certificate',
  'Installation',
  'InstallationName',
  ...['InstallPlan', 'InstallWish', 'UninstallPlan', 'Channel', 'Listing', 'ListingCategory', 'ListingVersion'],
  ...['ListingUsage', 'Opinion', 'OpinionNote', 'Rating', 'Stars'],
  ...['EmergencyPeriod', 'Entitlement', 'EntitlementEnvelope', 'ShortName'],
  ...['CommentText', 'Submission', 'SubmissionDetail', 'SubmissionEnvelope', 'SubmissionState'],
  ...['DeploymentRevision', 'Explanation', 'SelectorPreview', 'FieldValues'],
]

/** The smallest form: the pages are few, and their first load has a budget. */
const BROTLI_QUALITY = 11

const ROOT = join(import.meta.dirname, '..')
const REPOSITORY = join(ROOT, '../..')
const OUT = join(ROOT, 'dist/web')
const STAMP = join(OUT, STAMP_NAME)

const sources = await hashSources()
const isForChanges = process.argv.includes('--if-changed')
const isFresh = isForChanges && existsSync(STAMP) && (await readFile(STAMP, 'utf8')) === sources
if (!isFresh) await make()

async function make(): Promise<void> {
  // A test may call this function, and sets another value. Then React would be bundled for development.
  process.env.NODE_ENV = 'production'
  const fresh = join(ROOT, `dist/web-${process.pid}`)
  try {
    await makeIn(fresh)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}

async function makeIn(fresh: string): Promise<void> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    // Texts wait for the words of their language, which only modules can.
    worker: { format: 'es' },
    plugins: [withoutSummaries(), withoutLanguages(), withoutJsonSchemas(), react(), tailwind()],
    build: {
      outDir: fresh,
      emptyOutDir: true,
      manifest: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      // The budget below counts all files of the first load.
      chunkSizeWarningLimit: 1_000,
      rolldownOptions: { output: { codeSplitting: { groups: [{ debugName: 'own', name: ownName() }] } } },
    },
  })
  const manifestPath = join(fresh, '.vite/manifest.json')
  const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as Manifest
  await rm(join(fresh, '.vite'), { recursive: true })
  await compressFolder(fresh, BROTLI_QUALITY)
  await checkBudget(fresh, manifest)
  await writeFile(join(fresh, STAMP_NAME), sources)
  // Two tests that need the pages may build them at once.
  await takePlace(fresh, OUT, isForChanges)
}

/**
 * The contract has a summary and a list of errors for each procedure. The summaries are for the reference, and the hub
 * sends the code, status and message of an error with it. No page and no client reads these texts, and they add
 * kilobytes to every first load.
 */
function withoutSummaries(): Plugin {
  const summary = /\bsummary:\s*(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`),/g
  // The hub alone decides whether a caller has the permission, whether a call needs a second person, and which scope it
  // reaches. Pages only check whether a scope excludes it.
  const rules =
    /\b(?:(?:access|approval|entity):\s*'[\w.-]+'|isReadOnly:\s*(?:true|false)|scope:\s*'(?:whole|named|filtered|selecting)'),/g
  const codes = /\berrors:\s*(?:\[(?:[^[\]]|\[[^\]]*\])*\]|\w+),/g
  const isOfContract = (id: string) => /\/contract\/src\/api[/.]/.test(id)
  const transform = (code: string, id: string) => {
    if (/\/contract\/src\/errors\/errors\.ts$/.test(id))
      return { code: 'export const pickErrors = () => ({})', map: null }
    if (!isOfContract(id)) return undefined
    const short = code.replaceAll(summary, '').replaceAll(rules, '').replaceAll(codes, '')
    return { code: withoutSchemas(short), map: null }
  }
  return { name: 'without-summaries', enforce: 'pre', transform }
}

/**
 * A client sends its input and accepts the hub's answers without a check: it needs the method and the path of a
 * procedure, and neither of its two schemas.
 */
function withoutSchemas(code: string): string {
  const [start = '', ...calls] = code.split(/\.(?:input|output)\(/)
  return start + calls.map((call) => call.slice(endOfCall(call))).join('')
}

/** The place after the parenthesis that closes the call. Comments and texts of the table have no unpaired one. */
function endOfCall(call: string): number {
  let depth = 1
  for (let at = 0; at < call.length; at++) {
    if (call[at] === '(') depth++
    if (call[at] === ')') depth--
    if (depth === 0) return at + 1
  }
  throw new Error(`a schema of the table does not end: ${call.slice(0, 100)}`)
}

/**
 * The table names every field that a source, a sink, a flow, a golden case or a build may have, and those of some large
 * answers. The hub checks these fields. The page that edits them loads the schemas by itself. The client sends its
 * input and accepts the hub's answers without a check, so the table may accept anything there.
 */
function withoutLanguages(): Plugin {
  const resolveId = (source: string, importer: string | undefined) =>
    LANGUAGES.some(([from, language]) => source === language && importer?.endsWith(`/contract/src/${from}`))
      ? ANYTHING
      : undefined
  const load = (id: string) =>
    id === ANYTHING
      ? [
          "import * as z from 'zod'",
          `export const [${UNCHECKED.join()}] = Array(${UNCHECKED.length}).fill(z.unknown())`,
          'export const GoldenCase = z.looseObject({ outputs: z.unknown() })',
          'export const [GOLDEN_CASES_MAX, SUITES_MAX] = Array(2).fill(Number.MAX_SAFE_INTEGER)',
          'export const [MEASUREMENTS_MAX, APP_LOG_LINES_MAX, RECORDING_BYTES_MAX] = Array(3).fill(Number.MAX_SAFE_INTEGER)',
          'export const [KEYS_MAX, ROWS_READ_MAX, CAPTURE_DEVICES_SHOWN, OPINIONS_SHOWN] = Array(4).fill(Number.MAX_SAFE_INTEGER)',
          'export const [CAMPAIGN_ROWS_SHOWN, ROUNDS_MAX, ENTITLEMENTS_MAX, GIT_SOURCES_MAX] = Array(4).fill(Number.MAX_SAFE_INTEGER)',
          'export const MODEL_FEEDS_MAX = Number.MAX_SAFE_INTEGER',
          'export const [TAGS_READ_MAX, SOURCE_TEST_WAIT_MAX_MS, SINK_TEST_WAIT_MAX_MS] = Array(3).fill(Number.MAX_SAFE_INTEGER)',
          'export const [SourceTestShape, SinkTrialShape, InferQuestion, AskQuestion] = [{}, {}, { shape: {} }, { shape: {} }]',
          'export const [OptimisationRequest, BuildReference, BuildPreference] = [z.looseObject({}), z.string(), z.string()]',
          'export const [BenchRequest, CalibrateRequest] = [z.looseObject({}), z.looseObject({})]',
          "export const BenchCommand = z.looseObject({ kind: z.literal('bench-model') })",
          "export const CalibrateCommand = z.looseObject({ kind: z.literal('calibrate-model') })",
          'export const AccessSpec = { safeExtend: () => z.unknown() }',
          'export const MonitorSpec = { omit: () => z.unknown() }',
          'const look = (kind) => z.looseObject({ kind: z.literal(kind) })',
          "export const [FlowLook, SourceLook, LookAway] = [look('flow'), look('source'), look('away')]",
        ].join('\n')
      : undefined
  return { name: 'without-languages', enforce: 'pre', resolveId, load }
}

/**
 * Each schema of zod can write itself as a JSON Schema. No page asks for one, and that code has 6 kB in every first
 * load.
 */
function withoutJsonSchemas(): Plugin {
  const transform = (code: string, id: string) => {
    if (!/\/zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/.test(id)) return undefined
    const names = [...code.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => `nothing as ${name}`)
    const more = code.includes('processSchema as process') ? ', nothing as process' : ''
    return { code: `const nothing = () => undefined\nexport { ${names.join()}${more} }`, map: null }
  }
  return { name: 'without-json-schemas', enforce: 'pre', transform }
}

type ModuleInfo = { importedIds: readonly string[] } | null
type Modules = { getModuleInfo: (id: string) => ModuleInfo }

/**
 * Our own code that the start needs is one file: many small files compress worse. Libraries stay apart, since no library
 * imports our code, so that no two files import each other.
 */
function ownName(): (id: string, modules: Modules) => string | null {
  let known: ReadonlySet<string> | undefined
  return (id, modules) => {
    known ??= reachable(join(ROOT, MAIN), modules)
    return known.has(id) && !id.includes('node_modules') && !id.includes(ANYTHING) ? 'own' : null
  }
}

function reachable(from: string, modules: Modules): Set<string> {
  const found = new Set<string>()
  const open = [from]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue
    found.add(id)
    open.push(...(modules.getModuleInfo(id)?.importedIds ?? []))
  }
  return found
}

async function checkBudget(folder: string, manifest: Manifest): Promise<void> {
  const files = new Set<string>()
  const add = (key: string) => {
    const chunk = manifest[key]
    if (!chunk || files.has(chunk.file)) return
    files.add(chunk.file)
    for (const imported of chunk.imports ?? []) add(imported)
  }
  add('index.html')
  add(FIRST_PAGE)
  if (!manifest[FIRST_PAGE]) throw new Error(`${FIRST_PAGE} is no page of the build`)
  const sizes = await Promise.all([...files].map(async (file) => (await readFile(join(folder, `${file}.gz`))).length))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  process.stdout.write(`console: ${Math.round(bytes / 1000)} kB of compressed JavaScript on first load\n`)
  if (bytes > FIRST_LOAD_MAX_BYTES) {
    throw new Error(`the first load is ${bytes} bytes, over its budget of ${FIRST_LOAD_MAX_BYTES}`)
  }
}

/** Everything that the build reads. */
async function hashSources(): Promise<string> {
  const folders = [
    'apps/console/src',
    'apps/console/scripts',
    ...['contract', 'core', 'client', 'flows', 'onnx'].map((name) => `packages/${name}/src`),
  ]
  const nested = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(REPOSITORY, folder), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    ),
  )
  const single = ['apps/console/index.html', 'apps/console/package.json', 'package-lock.json']
  const paths = [...nested.flat(), ...single.map((path) => join(REPOSITORY, path))].filter(
    (path) => !/\.test\.tsx?$/.test(path),
  )
  const hash = createHash('sha256')
  for (const path of paths.sort()) hash.update(path.slice(REPOSITORY.length)).update(await readFile(path))
  return hash.digest('hex')
}
