/** Access uses: the rows of remote access in the table of streams. */
import { isDatagramTarget, withoutTransport } from '@skerry/core/access/judge-grant'
import type { LogRing } from '../commands/log-ring.ts'
import { connectTarget } from '../streams/connect-target.ts'
import { datagramTarget } from '../streams/datagram-target.ts'
import type { StreamUses } from '../streams/stream-desk.ts'
import { type AccessGuardDeps, createAccessGuard } from './access-guard.ts'
import { watchCommands } from './command-watch.ts'
import { fileTarget } from './file-target.ts'
import { logsTarget } from './logs-target.ts'
import { shellTarget } from './shell-target.ts'

/** Creates the rows. */
export function accessUses(deps: AccessGuardDeps & { logs: LogRing }): StreamUses {
  const guard = createAccessGuard(deps)
  return {
    shell: guard((wish, { session }) =>
      shellTarget(wish, (pid, signal) => watchCommands(pid, { session, ...deps }, signal)),
    ),
    logs: guard(async () => logsTarget(deps.logs)),
    file: guard((wish, { grant }) => fileTarget(wish, { folder: grant.path ?? '/nonexistent', own: deps.data })),
    port: guard(({ target = '' }, _order, signal) => {
      const place = withoutTransport(target)
      const at = place.lastIndexOf(':')
      const address = { host: place.slice(0, at).replaceAll(/[[\]]/g, ''), port: Number(place.slice(at + 1)) }
      return isDatagramTarget(target) ? datagramTarget(address, signal) : connectTarget(address, signal)
    }),
  }
}
