/** Handlers of the procedures on Git sources. The synchronisation itself is the engine's work. */

import { GIT_SOURCES_MAX, type GitSourceSpec } from '@skerry/contract/git-sources/git-source'
import { type KeyId, UserId } from '@skerry/contract/values/ids'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { problem } from '../http/problem.ts'
import { hashSecret, keyTextOf } from '../keys/key-secret.ts'
import { insertKey, revokeKey } from '../keys/key-store.ts'
import { requireMayGive } from '../roles/role-handlers.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { GitSourceTable } from '../store/tables/systems/git-source-tables.ts'
import { accessOf, forgetRepository, GitProblem } from './git-repository.ts'
import { type GitSecrets, openSecrets, sealSecrets } from './git-secrets.ts'
import {
  changeGitSource,
  deleteGitSource,
  findGitSource,
  gitSourceOf,
  insertGitSource,
  listGitSources,
} from './git-source-store.ts'

const PAUSED_AT_FIRST = 'it was set so: it shows the differences, and a person decides'

export const gitSourceHandlers = {
  list: os.gitSource.list.handler(async ({ context: { hub, organisationId } }) => ({
    // The differences of all sources could be megabytes.
    rows: (await listGitSources(hub.store.db, organisationId)).map((row) => ({ ...gitSourceOf(row), changes: [] })),
  })),
  get: os.gitSource.get.handler(async ({ context, input: { name } }) =>
    gitSourceOf(await knownSource(context.hub.store.db, context, name)),
  ),
  set: os.gitSource.set.handler(async ({ context, input, signal = context.hub.signal }) => {
    const { name, spec, accessToken, isPaused } = input
    await requireReachable(context, { spec, token: accessToken }, signal)
    const done = await context.change(async (tx, note) => {
      await requireMayGive(tx, context, spec.role)
      const before = await findGitSource(tx, { organisationId: context.organisationId, name })
      const { url, branch, path, role, signers } = spec
      note.detail = {
        url,
        branch,
        path,
        role,
        signers: signers.map((signer) => signer.name),
        ...(accessToken !== undefined && { token: accessToken === '' ? 'removed' : 'given' }),
        ...(!before && { change: 'created' }),
      }
      const wish = { name, spec, accessToken }
      return before
        ? { change: 'updated' as const, ...(await updateSource(tx, context, before, wish)) }
        : {
            change: 'created' as const,
            revoked: undefined,
            row: await createSource(tx, context, { ...wish, isPaused }),
          }
    })
    if (done.revoked !== undefined) context.hub.bus.publish('key.changed', done.revoked)
    return { change: done.change, source: gitSourceOf(done.row) }
  }),
  pause: os.gitSource.pause.handler(({ context, input: { name, reason } }) =>
    context.change(async (tx, note) => {
      const { hub, caller } = context
      note.detail = { reason }
      const paused = toJson({ atMs: hub.clock.nowMs(), by: caller.name, reason })
      return gitSourceOf(await changed(tx, context, name, { paused }))
    }),
  ),
  resume: os.gitSource.resume.handler(({ context, input: { name } }) =>
    context.change(async (tx) => gitSourceOf(await changed(tx, context, name, { paused: null }))),
  ),
  sync: os.gitSource.sync.handler(({ context, input: { name, accept } }) =>
    context.change(async (tx, note) => {
      const row = await knownSource(tx, context, name)
      const head = row.result === null ? undefined : fromJson(row.result).head?.hash
      if (accept !== undefined && accept !== head)
        throw problem(
          'git_source_refused',
          `the newest known commit is ${head ?? 'none'}; look at it before you accept it`,
        )
      note.detail = { ...(accept !== undefined && { accepted: accept }) }
      return gitSourceOf(await changed(tx, context, name, accept === undefined ? {} : { accepted: accept }))
    }),
  ),
  webhook: os.gitSource.webhook.handler(({ context, input: { name } }) =>
    context.change(async (tx) => {
      const { hub } = context
      const row = await knownSource(tx, context, name)
      const secret = hub.ids.secret()
      const sealed = await sealSecrets(tx, hub.vault, row, { ...(await openSecrets(tx, hub.vault, row)), hook: secret })
      await changeGitSource(tx, row, { sealed, has_webhook: 1 })
      return { url: `${hub.config.publicUrl()}/git-hooks/${row.id}`, secret }
    }),
  ),
  remove: os.gitSource.remove.handler(async ({ context, input: { name } }) => {
    const { hub, organisationId } = context
    const row = await context.change(async (tx) => {
      const known = await knownSource(tx, context, name)
      await revokeKey(tx, { organisationId, id: known.key_id, nowMs: hub.clock.nowMs() })
      await deleteGitSource(tx, known)
      return known
    })
    hub.bus.publish('key.changed', row.key_id)
    await forgetRepository(hub, row.id)
    return {}
  }),
}

async function knownSource(
  db: Db,
  { organisationId }: Pick<KeyCall, 'organisationId'>,
  name: string,
): Promise<GitSourceTable> {
  const row = await findGitSource(db, { organisationId, name })
  if (!row) throw problem('git_source_unknown')
  return row
}

/** Checked here, and not at the first fetch only, so that the person who sets it sees the error at once. */
async function requireReachable(
  { hub }: KeyCall,
  wish: { spec: GitSourceSpec; token: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  await accessOf(hub, wish, signal).catch((error: unknown) => {
    if (error instanceof GitProblem) throw problem('git_source_refused', error.message)
    throw error
  })
}

type Wish = { name: string; spec: GitSourceSpec; accessToken: string | undefined }

async function createSource(tx: Tx, context: KeyCall, wish: Wish & { isPaused: boolean }): Promise<GitSourceTable> {
  const { hub, organisationId, caller } = context
  const { name, spec, accessToken, isPaused } = wish
  if ((await listGitSources(tx, organisationId)).length >= GIT_SOURCES_MAX)
    throw problem('git_source_refused', `an organisation has at most ${GIT_SOURCES_MAX} Git sources; remove one`)
  const nowMs = hub.clock.nowMs()
  const place = { id: hub.ids.gitSource(), organisation_id: organisationId }
  const { id: keyId, text } = await makeKey(tx, context, wish)
  const secrets: GitSecrets = { key: text, token: accessToken || undefined }
  const row: GitSourceTable = {
    ...place,
    name,
    spec: toJson(spec),
    key_id: keyId,
    sealed: await sealSecrets(tx, hub.vault, place, secrets),
    has_token: secrets.token === undefined ? 0 : 1,
    has_webhook: 0,
    paused: isPaused ? toJson({ atMs: nowMs, by: caller.name, reason: PAUSED_AT_FIRST }) : null,
    accepted: null,
    applied: null,
    result: null,
    checked_at_ms: null,
    next_at_ms: nowMs,
    created_at_ms: nowMs,
    changed_at_ms: nowMs,
    changed_by: caller.name,
  }
  await insertGitSource(tx, row)
  return row
}

/** The source gets a new key, so that a revoked one is replaced, and the present caller stands behind it. */
async function updateSource(
  tx: Tx,
  context: KeyCall,
  before: GitSourceTable,
  wish: Wish,
): Promise<{ row: GitSourceTable; revoked: KeyId }> {
  const { hub, organisationId } = context
  const { spec, accessToken } = wish
  const old = fromJson(before.spec)
  const secrets = await openSecrets(tx, hub.vault, before)
  // Otherwise a person could send the token, which nobody can read, to a server of their own.
  if (secrets.token !== undefined && accessToken === undefined && new URL(old.url).host !== new URL(spec.url).host)
    throw problem('git_source_refused', 'the host of the URL changes; give the token for the new host, or an empty one')
  await revokeKey(tx, { organisationId, id: before.key_id, nowMs: hub.clock.nowMs() })
  const { id: keyId, text } = await makeKey(tx, context, wish)
  const token = accessToken === undefined ? secrets.token : accessToken || undefined
  const isElsewhere = old.url !== spec.url || old.branch !== spec.branch
  // Documents of another place have not left this one, and must not be removed.
  const isOtherPlace = isElsewhere || old.path !== spec.path
  const columns = {
    spec: toJson(spec),
    key_id: keyId,
    sealed: await sealSecrets(tx, hub.vault, before, { ...secrets, key: text, token }),
    has_token: token === undefined ? (0 as const) : (1 as const),
    ...(isElsewhere && { applied: null, accepted: null }),
    ...(isOtherPlace &&
      before.result !== null && { result: toJson({ ...fromJson(before.result), names: [], kept: [] }) }),
  }
  return { row: await touch(tx, context, before, columns), revoked: before.key_id }
}

/** The key of the source. Its name has a random part, because the name of a revoked key stays taken. */
async function makeKey(tx: Tx, { hub, organisationId, caller }: KeyCall, { name, spec }: Wish) {
  const id = hub.ids.key()
  const secret = hub.ids.secret()
  await insertKey(tx, {
    id,
    person_id: UserId.safeParse(caller.personId).data ?? null,
    organisation_id: organisationId,
    name: `git-${name.slice(0, NAME_PART_MAX)}-${id.slice('key_'.length, 'key_'.length + 8)}`,
    role: spec.role,
    secret_hash: hashSecret(secret),
    created_at_ms: hub.clock.nowMs(),
    expires_at_ms: null,
    last_used_at_ms: null,
    revoked_at_ms: null,
    user_id: null,
    is_multi_factor: 0 as const,
  })
  return { id, text: keyTextOf({ id, secret }) }
}

/** The name of a key has 63 characters. */
const NAME_PART_MAX = 50

/** Changes the source of the name, and lets the engine look at it at once. */
const changed = async (tx: Tx, context: KeyCall, name: string, columns: Partial<GitSourceTable>) =>
  touch(tx, context, await knownSource(tx, context, name), columns)

async function touch(
  tx: Tx,
  { hub, caller }: KeyCall,
  row: GitSourceTable,
  columns: Partial<GitSourceTable>,
): Promise<GitSourceTable> {
  const nowMs = hub.clock.nowMs()
  // A synchronisation that began in the same millisecond must see that something changed.
  const changedAtMs = Math.max(nowMs, Number(row.changed_at_ms) + 1)
  const all = { ...columns, next_at_ms: nowMs, changed_at_ms: changedAtMs, changed_by: caller.name }
  await changeGitSource(tx, row, all)
  return { ...row, ...all }
}
