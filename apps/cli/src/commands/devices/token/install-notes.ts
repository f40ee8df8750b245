/** Install notes: the reasons why a new device cannot be installed yet, as lines for a person. */
import type { InstallWarning } from '@skerry/core/joining/install-warnings'
import type { Session } from '../../../program/session.ts'

/** Prints each warning with the commands that help. */
export function noteInstallWarnings(
  session: Pick<Session, 'style' | 'note'>,
  warnings: readonly InstallWarning[],
): void {
  for (const { message, commands } of warnings) {
    session.note(`${session.style.yellow('Warning:')} ${message}:`)
    for (const command of commands) session.note(`  ${command}`)
  }
}
