import { link, open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { auditLines } from '@skerry/client/audit-lines'
import type { SkerryClient } from '@skerry/client/client'
import { eachRow } from '@skerry/client/page'
import { ARCHIVE_RECORDS_MAX } from '@skerry/contract/audit/audit-archive'
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import { asIs, command, list, needed } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { countText } from '../../program/terminal/words.ts'
import { instantOf, parseMoment } from '../../program/values.ts'
import { readArchive } from './archive-file.ts'

export const archiveAudit = command({
  name: 'audit archive',
  summary: 'Write the oldest records of the audit log to a file, and verify the file',
  details:
    'The file starts with the first record that the hub still has and ends with a signed checkpoint. "skerry audit verify FILE" verifies it ' +
    'without a hub. Nothing is removed; "skerry audit prune FILE" does that. Keep several copies.',
  examples: [
    'skerry audit archive --before 2026-01-01 --out audit-2025.jsonl',
    'skerry audit archive --before 365d --out a.jsonl',
  ],
  arguments: {},
  options: {
    before: needed(
      '--before <time>',
      'up to the last checkpoint before this time: 2026-01-01, or 365d for 365 days ago',
      parseMoment,
    ),
    out: needed('--out <file>', 'new file to write', asIs),
    keys: list('--key <file>', 'trusted public key, PEM; by default, the keys that the hub names', asIs),
  },
  async run({ before, out, keys }, session) {
    const { client } = await session.hub()
    const beforeMs = instantOf(before, session.io.nowMs()) ?? 0
    const { sequence } = await lastSigned(client, beforeMs, session)
    await writeArchive(client, { out, through: sequence }, session)
    const archive = await readArchive(out, keys, session)
    const { firstSequence, digest } = archive
    const records = countText(archive.sequence - firstSequence + 1, 'record')
    session.print({
      json: archive,
      text: () =>
        `${out} has ${records}, ${firstSequence} to ${archive.sequence}, and is verified; the file has ${digest}\n` +
        `"skerry audit prune ${out}" removes these records from the hub`,
    })
  },
})

/** The newest checkpoint that is old enough and whose archive is not too large. */
async function lastSigned(client: SkerryClient, beforeMs: number, { signal }: Session): Promise<AuditCheckpoint> {
  let archived = 0
  for await (const { sequence } of eachRow((page) => client.audit.archives(page, { signal }))) archived = sequence
  const newestFirst = (page: object) => client.audit.checkpoints({ ...page, newestFirst: 'true' }, { signal })
  for await (const checkpoint of eachRow(newestFirst)) {
    const { sequence, atMs } = checkpoint
    if (sequence <= archived) break
    if (atMs < beforeMs && sequence <= archived + ARCHIVE_RECORDS_MAX) return checkpoint
  }
  throw fail('audit_unproven', 'none of the records on the hub has a signed checkpoint from before this time')
}

/**
 * Writes the whole file or nothing. It is on the disk when the function returns. An existing file stays, because it may
 * be the only copy of something.
 */
async function writeArchive(
  client: SkerryClient,
  { out, through }: { out: string; through: number },
  session: Session,
) {
  const part = `${out}.part`
  const file = await open(part, 'w', 0o600).catch((cause: unknown) => {
    throw fail('file_unwritable', `cannot write ${part}`, { cause })
  })
  try {
    for await (const lines of auditLines(client.audit, { from: 1, through }, session.signal))
      await file.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    await file.sync()
  } finally {
    await file.close()
  }
  // Unlike a rename, a link never replaces an existing file.
  await link(part, out).catch((cause: unknown) => {
    throw fail('file_unwritable', `cannot make ${out}`, { cause })
  })
  await unlink(part)
  const folder = await open(dirname(out), 'r')
  await folder.sync().finally(() => folder.close())
}
