/**
 * Source surroundings: the resources of a source on this machine. These are the secrets that its file names, and a
 * folder for state that it must not lose.
 */
import { dirname, join } from 'node:path'
import type { SessionDeps } from '@skerry/connectors/session'
import { secretsNamedIn } from '@skerry/contract/secrets/secret-reference'
import type { Sink } from '@skerry/contract/sinks/sink'
import type { Source } from '@skerry/contract/sources/source'
import { value } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { profilePath } from '../../program/profile.ts'
import type { Session } from '../../program/session.ts'

export const secretsOption = value(
  '--secrets <folder>',
  'folder with the secrets of the file, each in a file of its name',
  String,
)

/** Reads only the secrets that the file names. */
export async function surroundingsOf(
  source: Source | Sink,
  secretsFolder: string | undefined,
  { io }: Session,
): Promise<Pick<SessionDeps, 'secrets' | 'stateFolder'>> {
  const names = secretsNamedIn(source)
  if (names.length > 0 && secretsFolder === undefined) {
    throw fail('file_invalid', `the file names secrets: ${names.join(', ')}`, {
      next: 'give their folder with --secrets FOLDER',
    })
  }
  const secrets: Record<string, string> = {}
  for (const name of names) secrets[name] = withoutLineEnd(await readText(join(secretsFolder ?? '', name)))
  return { secrets, stateFolder: join(dirname(profilePath(io.env)), 'sources', source.name) }
}

/** Editors end a file with a line end. */
const withoutLineEnd = (text: string) => text.replace(/\r?\n$/, '')
