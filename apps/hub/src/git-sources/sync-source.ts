/**
 * Sync source: fetches the branch of a Git source, verifies and reads its newest commit, compares its documents with the
 * hub, and applies them with the source's own key, if the decision in core says so.
 */

import type { SkerryClient } from '@skerry/client/client'
import {
  applyChanges,
  compareManifests,
  consentsOf,
  type ManifestFile,
  readManifests,
  removalConsents,
  removeManifests,
} from '@skerry/client/manifests/apply-manifests'
import { type Manifest, type ManifestProblem, nameOf } from '@skerry/client/manifests/manifest'
import { currentManifest, type ManifestChange } from '@skerry/client/manifests/manifest-change'
import { problemOf } from '@skerry/client/problem'
import {
  GIT_CHANGES_MAX,
  GIT_DIFF_CHARACTERS_MAX,
  GIT_DIFF_LINES_MAX,
  type GitChange,
  type GitCommit,
  type GitSourceSpec,
} from '@skerry/contract/git-sources/git-source'
import type { UnchainedRecord } from '@skerry/core/audit/audit-chain'
import { judgeCommit } from '@skerry/core/git-sources/judge-commit'
import { appendAudit } from '../audit/audit-store.ts'
import { VaultError } from '../encryption/vault-error.ts'
import type { Hub } from '../hub.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { GitResult, GitSourceTable } from '../store/tables/systems/git-source-tables.ts'
import { fetchHead, GitProblem, isAncestor, readCommit } from './git-repository.ts'
import { type GitSecrets, openSecrets } from './git-secrets.ts'
import { changeGitSource, gitSourceOfId } from './git-source-store.ts'
import { verifySigner } from './verify-signer.ts'

/** A fetch of two minutes, and the comparison of 500 documents. */
const SYNC_MS_MAX = 300_000

/** Problems of files that a message names. */
const PROBLEMS_SHOWN = 5

type Problem = { code: string; message: string }

type Outcome = {
  state: GitResult['state']
  head?: GitCommit | undefined
  documents?: number | undefined
  changes: readonly ManifestChange[]
  problem?: Problem | undefined
  /** The documents of the commit, and earlier ones that the hub still has; absent if it could not be read. */
  names?: { now: string[]; kept: string[] } | undefined
  /** The hub is as this commit says, because the source applied it or nothing differed. */
  applied?: { hash: string; changed: number } | undefined
}

/** Synchronises the source once, and stores the outcome. Rejects only if the database fails or the hub stops. */
export async function syncSource(hub: Hub, row: GitSourceTable): Promise<void> {
  const limit = AbortSignal.timeout(SYNC_MS_MAX)
  const outcome = await outcomeOf(hub, row, AbortSignal.any([hub.signal, limit])).catch((error: unknown): Outcome => {
    hub.signal.throwIfAborted()
    return { state: 'failed', changes: [], problem: limit.aborted ? TOO_SLOW : failureOf(error) }
  })
  await hub.store.transaction((tx) => saveOutcome(tx, hub, row, outcome))
  hub.bus.publish('audit.appended', row.organisation_id)
}

const TOO_SLOW = {
  code: 'git_too_large',
  message: `the synchronisation took over ${SYNC_MS_MAX / 1_000} s; split the documents over two sources`,
}

function failureOf(error: unknown): Problem {
  if (error instanceof GitProblem) return { code: error.code, message: error.message }
  if (error instanceof VaultError) return { code: 'encryption_key_unavailable', message: error.message }
  const { code, message } = problemOf(error)
  if (code === 'key_invalid') return { code, message: KEY_REVOKED }
  return { code, message }
}

const KEY_REVOKED =
  'the key of the source was revoked; set the source again with "skerry git-source set" to give it a new one'

async function outcomeOf(hub: Hub, row: GitSourceTable, signal: AbortSignal): Promise<Outcome> {
  const spec = fromJson(row.spec)
  const secrets = await openSecrets(hub.store.db, hub.vault, row)
  const fetched = await fetchHead(hub, { id: row.id, spec, token: secrets.token }, signal)
  const head = await signed(hub, { row, spec, head: fetched }, signal)
  if ('problem' in head) return { state: 'failed', head: fetched, changes: [], problem: head.problem }
  try {
    const files = await readCommit(hub, { id: row.id, hash: head.hash, path: spec.path }, signal)
    return await compareAndApply(hub, { row, spec, secrets, head, files }, signal)
  } catch (error) {
    signal.throwIfAborted()
    return { state: 'failed', head, changes: [], problem: failureOf(error) }
  }
}

type Signed = { row: GitSourceTable; spec: GitSourceSpec; head: GitCommit }

/** The commit with its signer. The files of a commit without a good signature are not even read. */
async function signed(
  hub: Hub,
  { row, spec, head }: Signed,
  signal: AbortSignal,
): Promise<GitCommit | { problem: Problem }> {
  if (spec.signers.length === 0) return head
  try {
    return { ...head, signer: await verifySigner(hub, { id: row.id, hash: head.hash, signers: spec.signers }, signal) }
  } catch (error) {
    signal.throwIfAborted()
    return { problem: failureOf(error) }
  }
}

type Reading = Signed & { secrets: GitSecrets; files: readonly ManifestFile[] }

async function compareAndApply(hub: Hub, reading: Reading, signal: AbortSignal): Promise<Outcome> {
  const { row, spec, secrets, head, files } = reading
  const { manifests, problems } = readManifests(files)
  requireNone(problems)
  const client = hub.ownCalls(hub, { key: secrets.key, cause: { gitSource: row.name, commit: head.hash } })
  const compared = await compareManifests(client, manifests, signal)
  requireNone(compared.problems)
  const changes = compared.changes.filter(({ change }) => change !== 'none')
  const now = manifests.map(({ manifest }) => nameOf(manifest))
  const names = { now, kept: await keptOf(client, { row, now }, signal) }
  const seen = { head, documents: manifests.length, names }
  const leaving = spec.onLeave === 'remove' ? names.kept : []
  const applied = row.applied === null ? undefined : fromJson(row.applied).hash
  const verdict = judgeCommit({
    name: row.name,
    isPaused: row.paused !== null,
    head: head.hash,
    applied,
    accepted: row.accepted ?? undefined,
    isSigned: spec.signers.length > 0,
    isDescendant:
      applied === undefined || (await isAncestor(hub, { id: row.id, older: applied, newer: head.hash }, signal)),
    onDrift: spec.onDrift,
    differing: changes.length + leaving.length,
    consents: [...consentsOf(changes), ...removalConsents(leaving)],
  })
  if (!verdict.isApplied) {
    const { state, problem } = verdict
    const isCurrent = state === 'current' && applied !== head.hash
    return { ...seen, state, changes, problem, ...(isCurrent && { applied: { hash: head.hash, changed: 0 } }) }
  }
  // A person may have paused or changed the source during the fetch.
  const present = await gitSourceOfId(hub.store.db, row.id)
  if (present?.changed_at_ms !== row.changed_at_ms || present.paused !== row.paused)
    return { ...seen, state: row.result === null ? 'new' : fromJson(row.result).state, changes }
  const done: unknown[] = []
  try {
    await applyChanges(client, changes, done, signal)
    await removeManifests(client, leaving, signal)
  } catch (error) {
    signal.throwIfAborted()
    const problem = failureOf(error)
    const state = problem.code === 'approval_needed' ? 'waiting' : 'failed'
    return { ...seen, state, changes: changes.slice(done.length), problem }
  }
  const changed = changes.length + leaving.length
  const left = { now, kept: names.kept.filter((name) => !leaving.includes(name)) }
  return { ...seen, names: left, state: 'current', changes: [], applied: { hash: head.hash, changed } }
}

/** Documents of earlier commits that the hub still has. Nothing is removed by itself, so a person has to know. */
async function keptOf(
  client: SkerryClient,
  { row, now }: { row: GitSourceTable; now: readonly string[] },
  signal: AbortSignal,
): Promise<string[]> {
  const before = row.result === null ? undefined : fromJson(row.result)
  const gone = new Set([...(before?.kept ?? []), ...(before?.names ?? [])].filter((name) => !now.includes(name)))
  const kept: string[] = []
  for (const name of [...gone].slice(0, GIT_CHANGES_MAX)) {
    const [kind, word = ''] = name.split(' ')
    const current = await currentManifest(client, { kind: kind as Manifest['kind'], metadata: { name: word } }, signal)
    if (current.manifest) kept.push(name)
  }
  return kept
}

function requireNone(problems: readonly ManifestProblem[]): void {
  if (problems.length === 0) return
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(({ place, message }) => `${place}: ${message}`)
  const more = problems.length > PROBLEMS_SHOWN ? `\n${problems.length - PROBLEMS_SHOWN} more` : ''
  throw new GitProblem('git_manifest_invalid', `${shown.join('\n')}${more}\nnothing of the commit was applied`)
}

async function saveOutcome(tx: Tx, hub: Hub, row: GitSourceTable, outcome: Outcome): Promise<void> {
  const now = await gitSourceOfId(tx, row.id)
  if (!now) return
  const nowMs = hub.clock.nowMs()
  const { head, applied } = outcome
  const result = resultOf(row, outcome, nowMs)
  const { problem } = result
  // Somebody changed the source meanwhile, or wants a new synchronisation: it comes at once.
  const isChanged = now.changed_at_ms !== row.changed_at_ms || Number(now.next_at_ms) !== Number(row.next_at_ms)
  await changeGitSource(tx, row, {
    result: toJson(result),
    checked_at_ms: nowMs,
    next_at_ms: isChanged ? nowMs : nowMs + fromJson(now.spec).intervalSeconds * 1_000,
    ...(applied && { applied: toJson({ hash: applied.hash, atMs: nowMs }) }),
    ...(applied && row.accepted === applied.hash && { accepted: null }),
  })
  const detail = { ...(head && { commit: head.hash, ...(head.signer !== undefined && { signer: head.signer }) }) }
  if (applied)
    await note(tx, hub, row, { action: 'gitSource.applied', detail: { ...detail, changed: applied.changed } })
  // The same problem at the next look is no news.
  if (problem && problem.sinceMs === nowMs)
    await note(tx, hub, row, {
      action: 'gitSource.failed',
      detail: { ...detail, code: problem.code, message: problem.message.slice(0, 500) },
    })
}

/** The stored outcome. The known documents stay if the newest commit cannot be read. */
function resultOf(row: GitSourceTable, outcome: Outcome, nowMs: number): GitResult {
  const { state, head, documents, changes, names, problem } = outcome
  const before = row.result === null ? undefined : fromJson(row.result)
  const known = before?.problem
  return {
    state,
    head,
    documents,
    differing: changes.length,
    changes: shownChanges(changes),
    names: names?.now ?? before?.names ?? [],
    kept: names?.kept ?? before?.kept ?? [],
    ...(problem && {
      problem: {
        code: problem.code,
        message: problem.message.slice(0, 4_000),
        sinceMs: known?.code === problem.code ? known.sinceMs : nowMs,
      },
    }),
  }
}

const note = (tx: Tx, hub: Hub, row: GitSourceTable, said: Pick<UnchainedRecord, 'action' | 'detail'>) =>
  appendAudit(tx, {
    organisationId: row.organisation_id,
    atMs: hub.clock.nowMs(),
    actor: { kind: 'hub', id: '', name: 'hub' },
    object: { kind: 'gitSource', id: row.name },
    ...said,
    result: 'ok',
  })

/** The first changes, with as many lines of their differences as the limit admits. */
function shownChanges(changes: readonly ManifestChange[]): GitChange[] {
  let left = GIT_DIFF_LINES_MAX
  return changes.slice(0, GIT_CHANGES_MAX).flatMap(({ manifest, change, diff }) => {
    if (change === 'none') return []
    const lines = diff.slice(0, left).map((line) => line.slice(0, GIT_DIFF_CHARACTERS_MAX))
    left -= lines.length
    return [{ kind: manifest.kind, name: manifest.metadata.name, change, diff: lines }]
  })
}
