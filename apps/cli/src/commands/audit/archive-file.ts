/** Archive file: what `skerry audit archive` wrote, read back from the disk and verified there. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Digest } from '@skerry/contract/values/digest'
import { fail } from '../../program/failure.ts'
import { unreadable } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { keysFor, linesOfFiles, walkLines } from './audit-walk.ts'

export type ArchiveFile = {
  organisationId: string | undefined
  firstSequence: number
  sequence: number
  digest: Digest
}

/** Every hash and signature; it must end with a checkpoint, or its end is not proven. */
export async function readArchive(path: string, keys: readonly string[], session: Session): Promise<ArchiveFile> {
  const trusted = await keysFor(keys, session)
  const { organisationId, first, end, provenThrough } = await walkLines([linesOfFiles([path], session.signal)], {
    trusted,
  })
  if (end.sequence < first || provenThrough !== end.sequence)
    throw fail('audit_unproven', `${path} does not end with a checkpoint, so its end is not proven`)
  return { organisationId, firstSequence: first, sequence: end.sequence, digest: await digestOfFile(path) }
}

async function digestOfFile(path: string): Promise<Digest> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  } catch (cause) {
    throw unreadable(path, cause)
  }
  return Digest.parse(`sha256:${hash.digest('hex')}`)
}
