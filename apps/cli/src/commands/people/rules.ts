/** `skerry user rules` */
import { RoleName } from '@skerry/contract/people/role'
import { command, fits, flag, list, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseDuration } from '../../program/values.ts'

export const setSignInRules = command({
  name: 'user rules',
  summary: 'Show or set which roles need a second factor, and when idle sessions are locked',
  details:
    'People with such a role but without a second factor can only set one up. API keys need none. ' +
    'An idle session is locked after the time of --idle-lock, until a new sign-in. Rules that you do not give stay as they are.',
  examples: [
    'skerry user rules',
    'skerry user rules --second-factor-for owner',
    'skerry user rules --second-factor-for-nobody',
    'skerry user rules --idle-lock 15m',
  ],
  arguments: {},
  options: {
    roles: list('--second-factor-for <role>', 'a role that needs a second factor', fits(RoleName)),
    nobody: flag('--second-factor-for-nobody', 'no role needs a second factor'),
    idleLockSeconds: value('--idle-lock <time>', 'lock idle sessions after this time, 2m to 12h', parseDuration),
    isNeverLocked: flag('--idle-lock-off', 'never lock sessions'),
  },
  async run({ roles, nobody, idleLockSeconds, isNeverLocked }, session) {
    if (nobody && roles.length > 0)
      throw wrongUsage('--second-factor-for and --second-factor-for-nobody exclude each other')
    if (isNeverLocked && idleLockSeconds !== undefined)
      throw wrongUsage('--idle-lock and --idle-lock-off exclude each other')
    const { client } = await session.hub()
    const { signal } = session
    const before = await client.user.rules({}, { signal })
    const lockSeconds = isNeverLocked ? undefined : (idleLockSeconds ?? before.idleLockSeconds)
    const wanted = {
      secondFactorFor: nobody || roles.length > 0 ? roles : before.secondFactorFor,
      ...(lockSeconds !== undefined && { idleLockSeconds: lockSeconds }),
    }
    const isChange = nobody || roles.length > 0 || isNeverLocked || idleLockSeconds !== undefined
    const rules = isChange ? await client.user.setRules(wanted, { signal }) : before
    session.print({
      json: rules,
      text: () =>
        [
          `roles that need a second factor: ${rules.secondFactorFor.join(', ') || 'none'}`,
          `sessions are locked: ${rules.idleLockSeconds === undefined ? 'never' : `after ${rules.idleLockSeconds} s without activity`}`,
        ].join('\n'),
    })
  },
})
