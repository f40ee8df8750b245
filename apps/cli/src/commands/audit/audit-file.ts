/** Audit file: what was exported or kept of an audit trail, read from disk; nothing in it is believed. */
import { open } from 'node:fs/promises'
import { AuditCheckpoint, AuditLine } from '@skerry/contract/audit/audit-checkpoint'
import { asciiText } from '@skerry/core/audit/syslog-message'
import { fail } from '../../program/failure.ts'
import { readText, unreadable } from '../../program/input-file.ts'

/** A record has a few hundred bytes, and never a thousand times as many. */
const LINE_CHARACTERS_MAX = 1_048_576

/** A line, or what is wrong with it. */
export type ReadLine = { number: number; line: AuditLine } | { number: number; problem: string }

/** The lines of an export, one by one: it may be larger than the memory. */
export async function* readAuditFile(path: string, signal: AbortSignal): AsyncGenerator<ReadLine, void> {
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause)
  })
  let number = 0
  for await (const text of file.readLines({ signal })) {
    number += 1
    if (text !== '') yield { number, ...lineOf(text) }
  }
}

function lineOf(text: string): { line: AuditLine } | { problem: string } {
  if (text.length > LINE_CHARACTERS_MAX) return { problem: 'the line is longer than any line of a hub' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: 'the line is not JSON' }
  }
  const parsed = AuditLine.safeParse(value)
  if (!parsed.success) return { problem: 'the line is neither a record nor a checkpoint' }
  // Also a name that is there twice, of which other programs may believe the first.
  const written = JSON.stringify(value)
  // In ASCII is how a syslog receiver gets it.
  return written === text || asciiText(written) === text
    ? { line: parsed.data }
    : { problem: 'the line does not have the format of a hub' }
}

/** Checkpoints that somebody kept: one, a list of them, or lines of an export. */
export async function readCheckpoints(path: string): Promise<AuditCheckpoint[]> {
  const text = await readText(path)
  const found = checkpointsIn(text)
  if (found && found.length > 0) return found
  throw fail(
    'file_invalid',
    `${path} has no checkpoint in the format of "skerry audit sign --json" or "skerry audit export"`,
  )
}

function checkpointsIn(text: string): AuditCheckpoint[] | undefined {
  try {
    return AuditCheckpoint.array().parse([JSON.parse(text)].flat())
  } catch {
    // Not one document: lines, perhaps.
  }
  const lines = text.split('\n').filter((line) => line !== '')
  try {
    return lines.flatMap((line) => {
      const parsed = AuditLine.parse(JSON.parse(line))
      return 'checkpoint' in parsed ? [parsed.checkpoint] : []
    })
  } catch {
    return undefined
  }
}

const PUBLIC_KEY = /-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/g

/** The public keys (PEM) in a file. */
export async function readPublicKeys(path: string): Promise<string[]> {
  const keys = (await readText(path)).match(PUBLIC_KEY)
  if (keys) return keys
  throw fail('file_invalid', `${path} has no public key in PEM, as "skerry audit key" prints it`)
}
