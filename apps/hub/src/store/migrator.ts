/**
 * Migrator: brings the database from its present version to the newest, forward only, each step in one transaction. It
 * rejects a database of a newer program, because an older program does not know its invariants.
 */
import type { Kysely } from 'kysely'
import { schema } from './migrations/0001-schema.ts'
import { runningIndex } from './migrations/0002-running.ts'
import { buildTables } from './migrations/0003-builds.ts'
import { measurementTables } from './migrations/0004-measurements.ts'
import { monitorTables } from './migrations/0005-monitors.ts'
import { buildLineage } from './migrations/0006-build-lineage.ts'
import { buildsInUse } from './migrations/0007-builds-in-use.ts'
import { monitorJudgement } from './migrations/0008-monitor-judgement.ts'
import { captureTables } from './migrations/0009-captures.ts'
import { placeTables } from './migrations/0010-places.ts'
import { routeTables } from './migrations/0011-routes.ts'
import { marketTables } from './migrations/0012-market.ts'
import { accessTables } from './migrations/0013-access.ts'
import { campaignTables } from './migrations/0014-campaigns.ts'
import { windowScores } from './migrations/0015-window-scores.ts'
import { scalingTables } from './migrations/0016-scaling.ts'
import { ddiTables } from './migrations/0017-ddi.ts'
import { connectionStates } from './migrations/0018-connection-states.ts'
import { groupTables } from './migrations/0019-groups.ts'
import { learningTables } from './migrations/0020-learnings.ts'
import { settingsTables } from './migrations/from-0021/0021-settings.ts'
import { cohortProfiles } from './migrations/from-0021/0022-cohort-profiles.ts'
import { captureOrders } from './migrations/from-0021/0023-capture-orders.ts'
import { deviceRanges } from './migrations/from-0021/0024-device-ranges.ts'
import { dataClassTables } from './migrations/from-0021/0025-data-classes.ts'
import { roundTripTable } from './migrations/from-0021/0026-round-trips.ts'
import { campaignMasks } from './migrations/from-0021/0027-campaign-masks.ts'
import { registryTables } from './migrations/from-0021/0028-registry.ts'
import { vulnerabilityTables } from './migrations/from-0021/0029-vulnerabilities.ts'
import { catalogueMirrors } from './migrations/from-0021/0030-catalogue-mirrors.ts'
import { pushedBytes } from './migrations/from-0021/0031-pushed-bytes.ts'
import { signalOrigin } from './migrations/from-0021/0032-signal-origin.ts'
import { submissionTables } from './migrations/from-0021/0033-submissions.ts'
import { systemTables } from './migrations/from-0021/0034-systems.ts'
import { testReportTables } from './migrations/from-0021/0035-test-reports.ts'
import { learningMarks } from './migrations/from-0021/0036-learning-marks.ts'
import { sourceProfiles } from './migrations/from-0021/0037-source-profiles.ts'
import { entitlementTables } from './migrations/from-0021/0038-entitlements.ts'
import { vulnerabilityRuleTables } from './migrations/from-0021/0039-vulnerability-rules.ts'
import { trafficTables } from './migrations/from-0021/0040-traffic.ts'
import { gitSourceTables } from './migrations/from-0041/0041-git-sources.ts'
import { learningFleets } from './migrations/from-0041/0042-learning-fleets.ts'
import { cohortHistory } from './migrations/from-0041/0043-cohort-history.ts'
import { accessWatchers } from './migrations/from-0041/0044-access-watchers.ts'
import { modelFeedTables } from './migrations/from-0041/0045-model-feeds.ts'
import { opinionTable } from './migrations/from-0041/0046-opinions.ts'
import { campaignPersonal } from './migrations/from-0041/0047-campaign-personal.ts'
import { placementReserves } from './migrations/from-0041/0048-placement-reserves.ts'
import { surveys } from './migrations/from-0041/0049-surveys.ts'
import { siteDownloads } from './migrations/from-0041/0050-site-downloads.ts'
import { raisedSignals } from './migrations/from-0041/0051-raised-signals.ts'
import { alertAnswerTable } from './migrations/from-0041/0052-alert-answers.ts'
import { learningTogether } from './migrations/from-0041/0053-learning-together.ts'
import { endedLinks } from './migrations/from-0041/0054-ended-links.ts'
import { pairTables } from './migrations/from-0041/0055-pairs.ts'
import { labelNumbers } from './migrations/from-0041/0056-label-numbers.ts'
import { campaignData } from './migrations/from-0041/0057-campaign-data.ts'

export type Migration = { name: string; up(db: Kysely<unknown>): Promise<void> }

/** In order; the version of a database is the number of its applied migrations. Never change a released one. */
export const migrations: readonly Migration[] = [
  { name: '0001-schema', up: schema },
  { name: '0002-running', up: runningIndex },
  { name: '0003-builds', up: buildTables },
  { name: '0004-measurements', up: measurementTables },
  { name: '0005-monitors', up: monitorTables },
  { name: '0006-build-lineage', up: buildLineage },
  { name: '0007-builds-in-use', up: buildsInUse },
  { name: '0008-monitor-judgement', up: monitorJudgement },
  { name: '0009-captures', up: captureTables },
  { name: '0010-places', up: placeTables },
  { name: '0011-routes', up: routeTables },
  { name: '0012-market', up: marketTables },
  { name: '0013-access', up: accessTables },
  { name: '0014-campaigns', up: campaignTables },
  { name: '0015-window-scores', up: windowScores },
  { name: '0016-scaling', up: scalingTables },
  { name: '0017-ddi', up: ddiTables },
  { name: '0018-connection-states', up: connectionStates },
  { name: '0019-groups', up: groupTables },
  { name: '0020-learnings', up: learningTables },
  { name: '0021-settings', up: settingsTables },
  { name: '0022-cohort-profiles', up: cohortProfiles },
  { name: '0023-capture-orders', up: captureOrders },
  { name: '0024-device-ranges', up: deviceRanges },
  { name: '0025-data-classes', up: dataClassTables },
  { name: '0026-round-trips', up: roundTripTable },
  { name: '0027-campaign-masks', up: campaignMasks },
  { name: '0028-registry', up: registryTables },
  { name: '0029-vulnerabilities', up: vulnerabilityTables },
  { name: '0030-catalogue-mirrors', up: catalogueMirrors },
  { name: '0031-pushed-bytes', up: pushedBytes },
  { name: '0032-signal-origin', up: signalOrigin },
  { name: '0033-submissions', up: submissionTables },
  { name: '0034-systems', up: systemTables },
  { name: '0035-test-reports', up: testReportTables },
  { name: '0036-learning-marks', up: learningMarks },
  { name: '0037-source-profiles', up: sourceProfiles },
  { name: '0038-entitlements', up: entitlementTables },
  { name: '0039-vulnerability-rules', up: vulnerabilityRuleTables },
  { name: '0040-traffic', up: trafficTables },
  { name: '0041-git-sources', up: gitSourceTables },
  { name: '0042-learning-fleets', up: learningFleets },
  { name: '0043-cohort-history', up: cohortHistory },
  { name: '0044-access-watchers', up: accessWatchers },
  { name: '0045-model-feeds', up: modelFeedTables },
  { name: '0046-opinions', up: opinionTable },
  { name: '0047-campaign-personal', up: campaignPersonal },
  { name: '0048-placement-reserves', up: placementReserves },
  { name: '0049-surveys', up: surveys },
  { name: '0050-site-downloads', up: siteDownloads },
  { name: '0051-raised-signals', up: raisedSignals },
  { name: '0052-alert-answers', up: alertAnswerTable },
  { name: '0053-learning-together', up: learningTogether },
  { name: '0054-ended-links', up: endedLinks },
  { name: '0055-pairs', up: pairTables },
  { name: '0056-label-numbers', up: labelNumbers },
  { name: '0057-campaign-data', up: campaignData },
]

export type MigrationResult =
  | { ok: true; version: number; applied: string[] }
  | { ok: false; code: 'store_newer'; message: string }

/** Only for a database that has records: a new one is no upgrade. */
export type UpgradeHooks = {
  /** Called before the first change, with the version of the database. */
  beforeUpgrade?(version: number): Promise<void>
  onApplied?(progress: { step: string; left: number; ms: number }): void
}

type VersionTables = { schema_versions: { version: number; name: string; applied_at_ms: number } }

/** Applies the missing migrations. Throws, with the migration's name, when one fails; the earlier ones stay. */
export async function migrate(
  db: Kysely<unknown>,
  nowMs: number,
  steps: readonly Migration[] = migrations,
  { beforeUpgrade = async () => {}, onApplied = () => {} }: UpgradeHooks = {},
): Promise<MigrationResult> {
  const current = await versionOf(db)
  if (current > steps.length) {
    const message = `the database has version ${current}, and this program knows ${steps.length}; start a newer skerry, or restore an older backup`
    return { ok: false, code: 'store_newer', message }
  }
  const missing = steps.slice(current)
  if (current > 0 && missing.length > 0) await beforeUpgrade(current)
  const applied: string[] = []
  for (const [offset, step] of missing.entries()) {
    const startedMs = performance.now()
    await apply(db, step, { version: current + offset + 1, nowMs })
    applied.push(step.name)
    if (current > 0)
      onApplied({ step: step.name, left: missing.length - offset - 1, ms: performance.now() - startedMs })
  }
  return { ok: true, version: steps.length, applied }
}

async function apply(db: Kysely<unknown>, step: Migration, { version, nowMs }: { version: number; nowMs: number }) {
  try {
    await db.transaction().execute(async (tx) => {
      await step.up(tx)
      await tx
        .withTables<VersionTables>()
        .insertInto('schema_versions')
        .values({ version, name: step.name, applied_at_ms: nowMs })
        .execute()
    })
  } catch (cause) {
    throw new Error(`migrating the database with ${step.name}`, { cause })
  }
}

async function versionOf(db: Kysely<unknown>): Promise<number> {
  await db.schema
    .createTable('schema_versions')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  const row = await db
    .withTables<VersionTables>()
    .selectFrom('schema_versions')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst()
  return row?.version ?? 0
}
