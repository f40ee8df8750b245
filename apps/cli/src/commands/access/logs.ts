import { command, flag } from '../../program/command.ts'
import type { Session } from '../../program/session.ts'
import { DEVICE, GRANT, WHY } from './access-options.ts'
import { type AccessRequest, openAccess } from './open-access.ts'
import { runShell } from './run-shell.ts'

export const followLogs = command({
  name: 'logs',
  summary: 'Follow the log of an agent: the newest lines, then each new one',
  details:
    'Needs a grant for logs. The lines are JSON, as the agent writes them. "skerry device logs" shows the newest lines without a grant.',
  examples: ['skerry logs press-1 --follow --reason "watch the rollout"'],
  output: 'stream',
  arguments: { device: DEVICE },
  options: {
    isFollowing: flag('-f, --follow', 'until Ctrl-C (the only way yet)'),
    grant: GRANT,
    reason: WHY,
  },
  run: ({ device, grant, reason }, session) => followLog(session, { device, grant, reason }),
})

/** Prints the log of an agent until Ctrl-C. */
export async function followLog(session: Session, request: Omit<AccessRequest, 'wish'>): Promise<void> {
  const { stream } = await openAccess(session, { ...request, wish: { kind: 'logs' } })
  await runShell(stream, { local: session.io.terminal(), hasTerminal: false, isSilent: true }, session.signal)
}
