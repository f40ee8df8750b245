/** Handlers of the procedures on model feeds. The import itself is the engine's work. */
import { MODEL_FEEDS_MAX, type ModelFeedSpec } from '@skerry/contract/model-feeds/model-feed'
import { ImportProblem } from '@skerry/platform/imports/import-problem'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { ModelFeedTable } from '../store/tables/systems/model-feed-tables.ts'
import { reachable } from './feed-host.ts'
import { feedSystem } from './feed-place.ts'
import { openToken, sealToken } from './feed-token.ts'
import {
  changeModelFeed,
  deleteModelFeed,
  findModelFeed,
  insertModelFeed,
  listModelFeeds,
  modelFeedOf,
} from './model-feed-store.ts'

export const modelFeedHandlers = {
  list: os.modelFeed.list.handler(async ({ context: { hub, organisationId } }) => ({
    rows: (await listModelFeeds(hub.store.db, organisationId)).map(modelFeedOf),
  })),
  get: os.modelFeed.get.handler(async ({ context, input: { name } }) =>
    modelFeedOf(await knownFeed(context.hub.store.db, context, name)),
  ),
  set: os.modelFeed.set.handler(async ({ context, input, signal = context.hub.signal }) => {
    const { name, spec, accessToken } = input
    await requireReachable(context, spec, signal)
    return context.change(async (tx, note) => {
      const before = await findModelFeed(tx, { organisationId: context.organisationId, name })
      note.detail = {
        place: spec.place,
        model: spec.model,
        aliases: spec.aliases,
        ...(accessToken !== undefined && { token: accessToken === '' ? 'removed' : 'given' }),
        ...(!before && { change: 'created' }),
      }
      const row = before
        ? await updateFeed(tx, context, before, { spec, accessToken })
        : await createFeed(tx, context, { name, spec, accessToken })
      return { change: before ? ('updated' as const) : ('created' as const), feed: modelFeedOf(row) }
    })
  }),
  pause: os.modelFeed.pause.handler(({ context, input: { name, reason } }) =>
    context.change(async (tx, note) => {
      const { hub, caller } = context
      note.detail = { reason }
      const paused = toJson({ atMs: hub.clock.nowMs(), by: caller.name, reason })
      return modelFeedOf(await wake(tx, context, await knownFeed(tx, context, name), { paused }))
    }),
  ),
  resume: os.modelFeed.resume.handler(({ context, input: { name } }) =>
    context.change(async (tx) =>
      modelFeedOf(await wake(tx, context, await knownFeed(tx, context, name), { paused: null })),
    ),
  ),
  sync: os.modelFeed.sync.handler(({ context, input: { name, isAnew } }) =>
    context.change(async (tx) => {
      const row = await knownFeed(tx, context, name)
      return modelFeedOf(await wake(tx, context, row, isAnew ? changedNow(context, row) : {}))
    }),
  ),
  remove: os.modelFeed.remove.handler(({ context, input: { name } }) =>
    context.change(async (tx) => {
      await deleteModelFeed(tx, await knownFeed(tx, context, name))
      return {}
    }),
  ),
}

async function knownFeed(
  db: Db,
  { organisationId }: Pick<KeyCall, 'organisationId'>,
  name: string,
): Promise<ModelFeedTable> {
  const row = await findModelFeed(db, { organisationId, name })
  if (!row) throw problem('model_feed_unknown')
  return row
}

/** Checked here, and not at the first check only, so that the person who sets it sees the error at once. */
async function requireReachable({ hub }: KeyCall, spec: ModelFeedSpec, signal: AbortSignal): Promise<void> {
  try {
    await reachable(hub, feedSystem(spec).server(spec), signal)
  } catch (error) {
    if (error instanceof ImportProblem) throw problem('model_feed_refused', error.message)
    throw error
  }
}

type Wish = { spec: ModelFeedSpec; accessToken: string | undefined }

async function createFeed(tx: Tx, context: KeyCall, wish: Wish & { name: string }): Promise<ModelFeedTable> {
  const { hub, organisationId, caller } = context
  if ((await listModelFeeds(tx, organisationId)).length >= MODEL_FEEDS_MAX)
    throw problem('model_feed_refused', `an organisation has at most ${MODEL_FEEDS_MAX} model feeds; remove one`)
  const nowMs = hub.clock.nowMs()
  const key = { id: hub.ids.modelFeed(), organisation_id: organisationId }
  const row: ModelFeedTable = {
    ...key,
    name: wish.name,
    spec: toJson(wish.spec),
    sealed: await sealToken(tx, hub.vault, key, wish.accessToken || undefined),
    paused: null,
    imported: null,
    problem: null,
    checked_at_ms: null,
    next_at_ms: nowMs,
    created_at_ms: nowMs,
    changed_at_ms: nowMs,
    changed_by: caller.name,
  }
  await insertModelFeed(tx, row)
  return row
}

async function updateFeed(
  tx: Tx,
  context: KeyCall,
  before: ModelFeedTable,
  { spec, accessToken }: Wish,
): Promise<ModelFeedTable> {
  const { hub } = context
  const old = fromJson(before.spec)
  const isElsewhere = feedSystem(old).server(old).host !== feedSystem(spec).server(spec).host
  // Otherwise a person could send the token, which nobody can read, to a server of their own.
  if (before.sealed !== null && accessToken === undefined && isElsewhere)
    throw problem('model_feed_refused', 'the server changes; give the token for the new server, or an empty one')
  const token = accessToken === undefined ? await openToken(tx, hub.vault, before) : accessToken || undefined
  return wake(tx, context, before, {
    spec: toJson(spec),
    sealed: await sealToken(tx, hub.vault, before, token),
    problem: null,
    ...(old.model !== spec.model && { imported: null }),
    ...changedNow(context, before),
  })
}

/** A check that began in the same millisecond must see that something changed. */
const changedNow = ({ hub, caller }: KeyCall, row: ModelFeedTable) => ({
  changed_at_ms: Math.max(hub.clock.nowMs(), Number(row.changed_at_ms) + 1),
  changed_by: caller.name,
})

/** Changes the feed, and lets the engine look at it at once. */
async function wake(
  tx: Tx,
  { hub }: KeyCall,
  row: ModelFeedTable,
  columns: Partial<ModelFeedTable>,
): Promise<ModelFeedTable> {
  const all = { ...columns, next_at_ms: hub.clock.nowMs() }
  await changeModelFeed(tx, row, all)
  return { ...row, ...all }
}
