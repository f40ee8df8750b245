import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import type { Trail } from '@skerry/core/audit/audit-trail'
import { asIs, command, flag, list, several, value } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import type { Session } from '../../program/session.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseLimit } from '../../program/values.ts'
import { readCheckpoints } from './audit-file.ts'
import { keysFor, linesOfFiles, linesOfHub, walkLines } from './audit-walk.ts'

export const verifyAudit = command({
  name: 'audit verify',
  summary: 'Verify the audit log of the hub or of an exported file, and show where it breaks',
  details:
    'This machine computes every hash and checks every signature, so you do not have to trust the hub. A file with --key needs ' +
    'no hub at all. Several files are verified as one trail, such as archives and later exports. Checkpoints kept elsewhere (--checkpoint) also reveal records that were cut off, rolled back or replaced since. ' +
    'Without --key, the command trusts the keys that the hub names.',
  examples: [
    'skerry audit verify',
    'skerry audit verify --checkpoint kept.json',
    'skerry audit verify audit.jsonl --key audit.pub --checkpoint kept.json',
    'skerry audit verify archive-1.jsonl archive-2.jsonl --with-hub',
  ],
  arguments: {
    files: several(
      '[file...]',
      'files of "skerry audit export" or "skerry audit archive", in order; by default, the trail of the hub',
      asIs,
    ),
  },
  options: {
    keys: list('--key <file>', 'file with one or more trusted public keys, PEM', asIs),
    checkpoints: list('--checkpoint <file>', 'checkpoints kept elsewhere', asIs),
    isWithHub: flag('--with-hub', 'continue with the trail of the hub after the files'),
    from: value('--from <sequence>', 'the first record, if earlier ones are elsewhere', parseLimit),
  },
  async run({ files, keys, checkpoints, isWithHub, from }, session) {
    const trusted = await keysFor(keys, session)
    const held = (await Promise.all(checkpoints.map(readCheckpoints))).flat()
    const lines = [
      ...(files.length > 0 ? [linesOfFiles(files, session.signal)] : []),
      ...(files.length === 0 || isWithHub ? [linesOfHub(session, files.length === 0 ? from : undefined)] : []),
    ]
    const trail = await walkLines(lines, { held, from, trusted })
    tell(trail, session, { isFile: files.length > 0, held })
  },
})

type Given = { isFile: boolean; held: readonly AuditCheckpoint[] }

function tell(trail: Trail, session: Session, { isFile, held }: Given): void {
  const { organisationId, first, end, provenThrough, checkpoints, archives } = trail
  const records = end.sequence - first + 1
  if (isFile && provenThrough === 0) {
    const message = 'no checkpoint, in the file or given, proves any of its records'
    throw fail('audit_unproven', message)
  }
  const known = { organisationId, firstSequence: first, lastSequence: end.sequence, lastHash: end.hash }
  session.print({
    json: { intact: true, records, ...known, provenThrough, checkpoints, archives, kept: held.length },
    text: () =>
      [`the trail is unbroken: ${countText(records, 'record')}, the last with ${end.hash}`, ...proof(trail)].join('\n'),
  })
}

function proof({ first, end, provenThrough, archives }: Trail): string[] {
  const archive = archives.find(({ sequence }) => sequence === first - 1)
  const before = archive
    ? `the earlier records are in an archive, a file with ${archive.digest}`
    : 'the earlier records are not proven'
  const begun = first > 1 ? [`it starts with record ${first}: ${before}`] : []
  if (provenThrough === 0) return [...begun, 'no checkpoint proves it yet: it could have been replaced']
  const rest = end.sequence - provenThrough
  const signed = `signed checkpoints prove it up to record ${provenThrough}`
  return [
    ...begun,
    rest === 0
      ? signed
      : `${signed}; ${countText(rest, 'record')} after it ${rest === 1 ? 'is' : 'are'} not signed yet`,
  ]
}
