/** Version view: models and versions as the API shows them. */
import type { Model, Version, VersionDetail } from '@skerry/contract/models/model'
import { statedGoldenSource } from '@skerry/platform/signatures/model-signature'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { ModelTable, VersionTable } from '../store/tables/foundation-tables.ts'
import { newestTests } from '../test-reports/version-tests.ts'
import { detailOf, usualGoldenSource } from './kinds/kinds.ts'
import { countDescendants, lineageOf } from './lineage-store.ts'
import { aliasesOf, countVersions, filesOf, newestVersions } from './version-store.ts'
import { deploymentsUsing, servingCount } from './version-use.ts'

/** A model with its newest version and its aliases. */
export async function modelOf(db: Db, row: ModelTable): Promise<Model> {
  const key = { organisationId: row.organisation_id, name: row.name }
  const [latest] = await newestVersions(db, key, 1)
  return {
    name: row.name,
    kind: row.kind,
    versionCount: await countVersions(db, key),
    ...(latest && { latestVersion: latest.version }),
    aliases: Object.fromEntries(await aliasesOf(db, key)),
    createdAtMs: row.created_at_ms,
  }
}

/** A version in the form for lists. */
export async function versionOf(db: Db, row: VersionTable): Promise<Version> {
  const aliases = await aliasesOf(db, { organisationId: row.organisation_id, name: row.name })
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    version: row.version,
    digest: row.digest,
    files: await filesOf(db, row.id),
    sizeBytes: row.size_bytes,
    goldenCases: row.golden_cases,
    labels: fromJson(row.labels),
    aliases: [...aliases].filter(([, version]) => version === row.version).map(([alias]) => alias),
    createdAtMs: row.created_at_ms,
    createdBy: row.created_by,
  }
}

/** A version in full detail, as the API shows it. */
export async function versionDetailOf(db: Db, row: VersionTable): Promise<VersionDetail> {
  const key = { organisationId: row.organisation_id, name: row.name }
  const lineage = await lineageOf(db, row)
  const bundle = fromJson(row.bundle)
  const tests = await newestTests(db, row)
  const detail = {
    ...(await versionOf(db, row)),
    bundle,
    ...(lineage && { lineage }),
    ...(tests.length > 0 && { tests }),
    ...(row.golden_cases > 0 && { goldenSource: statedGoldenSource(bundle) ?? usualGoldenSource(row) }),
    descendantCount: await countDescendants(db, row),
    servingCount: await servingCount(db, row),
    usedBy: await deploymentsUsing(db, key, row.version),
  }
  return detailOf(detail, row)
}
