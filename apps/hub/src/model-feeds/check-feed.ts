/**
 * Check feed: looks whether the place of a feed has another model, fetches it, and pushes it as a version that states
 * its origin.
 */
import { rm } from 'node:fs/promises'
import { problemOf } from '@skerry/client/problem'
import type { FeedProblemCode, ModelFeedSpec } from '@skerry/contract/model-feeds/model-feed'
import type { UnchainedRecord } from '@skerry/core/audit/audit-chain'
import { isFetched } from '@skerry/core/model-feeds/judge-feed'
import { refuseHostileFile } from '@skerry/platform/imports/hostile'
import type { Imported } from '@skerry/platform/imports/import-host'
import { ImportProblem } from '@skerry/platform/imports/import-problem'
import { appendAudit } from '../audit/audit-store.ts'
import { VaultError } from '../encryption/vault-error.ts'
import type { AuditNote } from '../http/call.ts'
import type { Hub } from '../hub.ts'
import { type PushCall, pushModel } from '../models/push-model.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { ModelFeedTable } from '../store/tables/systems/model-feed-tables.ts'
import { storeFiles } from './feed-files.ts'
import { feedHost } from './feed-host.ts'
import { feedOptions, feedSystem } from './feed-place.ts'
import { openToken } from './feed-token.ts'
import { changeModelFeed, reloadModelFeed } from './model-feed-store.ts'

/** The files of an import at 10 Mbit/s take 15 minutes. */
const CHECK_MS_MAX = 1_200_000

const HUB = { kind: 'hub', id: '', name: 'hub' } as const

type Trouble = { code: string; message: string }

type Outcome = {
  /** The version that is the newest one of the place; absent if nothing was fetched. */
  imported?: { version: number; revision: string | undefined; isCreated: boolean }
  problem?: Trouble
}

/** Checks the feed once, and stores the outcome. Rejects only if the database fails or the hub stops. */
export async function checkFeed(hub: Hub, row: ModelFeedTable): Promise<void> {
  const limit = AbortSignal.timeout(CHECK_MS_MAX)
  const outcome = await outcomeOf(hub, row, AbortSignal.any([hub.signal, limit])).catch((error: unknown): Outcome => {
    hub.signal.throwIfAborted()
    return { problem: limit.aborted ? TOO_SLOW : troubleOf(error) }
  })
  await hub.store.transaction((tx) => saveOutcome(tx, hub, row, outcome))
  hub.bus.publish('audit.appended', row.organisation_id)
}

const TOO_SLOW: Trouble & { code: FeedProblemCode } = {
  code: 'feed_too_slow',
  message: `the model did not arrive within ${CHECK_MS_MAX / 60_000} minutes; check the server and the network of the hub`,
}

const CODES: Readonly<Record<ImportProblem['code'], FeedProblemCode>> = {
  import_failed: 'feed_unreachable',
  import_refused: 'feed_refused',
  usage_wrong: 'feed_refused',
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof VaultError) return { code: 'encryption_key_unavailable', message: error.message }
  if (!(error instanceof ImportProblem)) return problemOf(error)
  // These next steps are options of the command line.
  const next = error.next?.replaceAll('--token-file', 'the token of the feed').replaceAll('--ca', '--webhook-ca')
  return { code: CODES[error.code], message: next === undefined ? error.message : `${error.message}; ${next}` }
}

async function outcomeOf(hub: Hub, row: ModelFeedTable, signal: AbortSignal): Promise<Outcome> {
  const spec = fromJson(row.spec)
  const before = row.imported === null ? undefined : fromJson(row.imported)
  const options = feedOptions(spec, await openToken(hub.store.db, hub.vault, row))
  const { source } = feedSystem(spec)
  const folder = hub.stagingPath(hub.ids.build())
  try {
    const host = feedHost(hub, folder, signal)
    const revision = (await source.revision(spec.place, options, host))?.slice(0, 500)
    if (!isFetched({ revision, imported: before, changedAtMs: Number(row.changed_at_ms) })) return {}
    await using imported = await source.open(spec.place, options, host)
    await refuseHostileFile(imported.modelPath)
    const files = await storeFiles(hub, row.organisation_id, imported.modelPath)
    const request = {
      name: spec.model,
      files,
      labels: { ...imported.labels, ...spec.labels },
      lineage: lineageOf(row, imported),
      aliases: spec.aliases,
    }
    const { created, version } = await pushModel(callOf(hub, row), request, signal)
    return { imported: { version: version.version, revision, isCreated: created } }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const lineageOf = (row: ModelFeedTable, { notes, uri }: Imported) => ({
  parents: [],
  tool: `skerry model-feed ${row.name}`,
  notes,
  ...(uri !== undefined && { source: { uri } }),
})

/** A feed acts for the person who set it last. */
const callOf = (hub: Hub, row: ModelFeedTable): PushCall => ({
  hub,
  organisationId: row.organisation_id,
  scope: undefined,
  caller: { name: row.changed_by },
  change: (work) => changeAsHub(hub, row, work),
})

/** The record names the hub as the actor: nobody called. */
async function changeAsHub<T>(
  hub: Hub,
  row: ModelFeedTable,
  work: (tx: Tx, note: AuditNote) => Promise<T>,
): Promise<T> {
  return hub.store.transaction(async (tx) => {
    const note: AuditNote = { object: { kind: 'model', id: fromJson(row.spec).model }, detail: {} }
    const result = await work(tx, note)
    const { object, detail } = note
    await record(tx, hub, row, { action: 'model.push', object, detail: { ...detail, feed: row.name } })
    return result
  })
}

async function saveOutcome(tx: Tx, hub: Hub, row: ModelFeedTable, { imported, problem }: Outcome): Promise<void> {
  const now = await reloadModelFeed(tx, row)
  if (!now) return
  const nowMs = hub.clock.nowMs()
  const known = now.problem === null ? undefined : fromJson(now.problem)
  const sinceMs = known?.code === problem?.code && known ? known.sinceMs : nowMs
  const message = problem?.message.slice(0, 2_000) ?? ''
  // Somebody changed the feed meanwhile, or wants another check: it comes at once.
  const isChanged = now.changed_at_ms !== row.changed_at_ms || Number(now.next_at_ms) !== Number(row.next_at_ms)
  await changeModelFeed(tx, row, {
    problem: problem ? toJson({ code: problem.code, message, sinceMs }) : null,
    checked_at_ms: nowMs,
    next_at_ms: isChanged ? nowMs : nowMs + intervalMs(fromJson(now.spec)),
    ...(imported && {
      imported: toJson({
        version: imported.version,
        ...(imported.revision !== undefined && { revision: imported.revision }),
        atMs: Math.max(nowMs, Number(row.changed_at_ms)),
      }),
    }),
  })
  const object = { kind: 'modelFeed', id: row.name }
  if (imported?.isCreated) {
    const detail = { version: `${fromJson(row.spec).model}:${imported.version}` }
    await record(tx, hub, row, { action: 'modelFeed.imported', object, detail })
  }
  // The same problem at the next check is no news.
  if (problem && sinceMs === nowMs)
    await record(tx, hub, row, {
      action: 'modelFeed.failed',
      object,
      detail: { code: problem.code, message: message.slice(0, 500) },
    })
}

const intervalMs = ({ intervalSeconds }: ModelFeedSpec) => intervalSeconds * 1_000

const record = (tx: Tx, hub: Hub, row: ModelFeedTable, said: Pick<UnchainedRecord, 'action' | 'object' | 'detail'>) =>
  appendAudit(tx, {
    organisationId: row.organisation_id,
    atMs: hub.clock.nowMs(),
    actor: HUB,
    ...said,
    result: 'ok',
  })
