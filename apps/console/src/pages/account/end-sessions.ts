/** End sessions: several, one after the other. One that has ended by itself meanwhile is as good as ended. */
import { problemOf } from '@skerry/client/problem'
import type { UserSession } from '@skerry/contract/people/user'

export async function endSessions(
  sessions: readonly UserSession[],
  end: (session: string) => Promise<unknown>,
): Promise<void> {
  for (const { id } of sessions) {
    try {
      await end(id)
    } catch (thrown) {
      if (problemOf(thrown).code !== 'session_unknown') throw thrown
    }
  }
}
