/** Audit walk: verifies lines of an audit trail on this machine, wherever they come from: files, a hub, or one after the other. */
import { auditLines } from '@skerry/client/audit-lines'
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import type { JournalEntry } from '@skerry/contract/audit/device-journal'
import {
  addArchive,
  addCheckpoint,
  addRecord,
  beginTrail,
  endTrail,
  type Trail,
  type TrailDoors,
  type TrailStep,
} from '@skerry/core/audit/audit-trail'
import { addLocalRecord, type Journals } from '@skerry/core/audit/local-records'
import { digestOf } from '@skerry/platform/files/hash'
import { archiveVerifier, checkpointVerifier } from '@skerry/platform/signatures/audit-signature'
import { journalVerifier } from '@skerry/platform/signatures/journal-signature'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { type ReadLine, readAuditFile, readPublicKeys } from './audit-file.ts'

export type WalkStart = {
  held?: readonly AuditCheckpoint[]
  from?: number | undefined
  /** Public keys, PEM. */
  trusted: readonly string[]
}

/** Line by line, so that a long trail is never held whole; fails where it does not hold. */
export async function walkLines(parts: readonly AsyncIterable<ReadLine>[], start: WalkStart): Promise<Trail> {
  const { held = [], from, trusted } = start
  const doors = doorsOf(trusted)
  let step = beginTrail({ held, from }, doors)
  const locals = localChecker(doors)
  for (const lines of parts) {
    for await (const read of lines) {
      if (!step.ok) break
      step = addLine(step.trail, read, doors)
      if (step.ok) step = locals.add(step, read)
    }
  }
  if (step.ok) step = endTrail(step.trail)
  if (step.ok) return step.trail
  const { sequence, since, problem } = step
  const data = { intact: false, broken: { sequence, since, problem } }
  throw fail('audit_broken', `the trail is broken at record ${sequence}: ${problem}`, { data })
}

/** The keys of these files, or those that the hub names. */
export async function keysFor(files: readonly string[], session: Session): Promise<string[]> {
  if (files.length > 0) return (await Promise.all(files.map(readPublicKeys))).flat()
  const { client } = await session.hub()
  const { keys } = await client.audit.keys({}, { signal: session.signal })
  return keys.map(({ publicKeyPem }) => publicKeyPem)
}

/** One after the other, as one trail. */
export async function* linesOfFiles(paths: readonly string[], signal: AbortSignal): AsyncGenerator<ReadLine, void> {
  for (const path of paths) yield* readAuditFile(path, signal)
}

export async function* linesOfHub(session: Session, from = 1): AsyncGenerator<ReadLine, void> {
  const { client } = await session.hub()
  let number = 0
  for await (const lines of auditLines(client.audit, { from }, session.signal)) {
    for (const line of lines) {
      number += 1
      yield { number, line }
    }
  }
}

function addLine(trail: Trail, read: ReadLine, doors: TrailDoors): TrailStep {
  if ('problem' in read) {
    const sequence = trail.organisationId === undefined ? trail.first : trail.end.sequence + 1
    return { ok: false, sequence, since: sequence, problem: `line ${read.number}: ${read.problem}` }
  }
  const { line } = read
  if ('archive' in line) return addArchive(trail, line.archive, doors)
  return 'checkpoint' in line ? addCheckpoint(trail, line.checkpoint, doors) : addRecord(trail, line, doors)
}

/** What a device wrote down about itself is verified by the device's own key, too. */
function localChecker({ hash }: TrailDoors) {
  let journals: Journals = new Map()
  return {
    add(step: TrailStep, read: ReadLine): TrailStep {
      if ('problem' in read || 'checkpoint' in read.line || 'archive' in read.line) return step
      const { sequence } = read.line
      const added = addLocalRecord(journals, read.line, { hash, isSigned })
      if (!added.ok) return { ...added, sequence, since: sequence }
      journals = added.journals
      return step
    },
  }
}

const isSigned = (entry: JournalEntry, publicKey: string) => journalVerifier(publicKey)(entry)

function doorsOf(keys: readonly string[]): TrailDoors {
  try {
    return { hash: digestOf, signatureProblem: checkpointVerifier(keys), archiveProblem: archiveVerifier(keys) }
  } catch (cause) {
    throw fail('file_invalid', 'a key is not one of the keys that sign checkpoints', { cause })
  }
}
