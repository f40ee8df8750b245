/** Access uses: the rows of remote access in the table of streams. */
import type { StreamUses } from '../streams/stream-desk.ts'
import { connectTarget } from '../streams/connect-target.ts'
import { type AccessGuardDeps, createAccessGuard } from './access-guard.ts'
import { shellTarget } from './shell-target.ts'

/** Creates the rows. */
export function accessUses(deps: AccessGuardDeps): StreamUses {
  const guard = createAccessGuard(deps)
  return {
    shell: guard((wish) => shellTarget(wish)),
    port: guard(({ target = '' }, _order, signal) => {
      const at = target.lastIndexOf(':')
      return connectTarget({ host: target.slice(0, at).replaceAll(/[[\]]/g, ''), port: Number(target.slice(at + 1)) }, signal)
    }),
  }
}
