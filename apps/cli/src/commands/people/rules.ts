/** `skerry user rules` */
import { RoleName } from '@skerry/contract/people/role'
import { command, fits, flag, list, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { parseDuration } from '../../program/values.ts'

export const setSignInRules = command({
  name: 'user rules',
  summary: 'Say which roles need a second factor and when sessions are locked, or change it',
  details:
    'Whoever has such a role and no second factor can do nothing but set one up. API keys are not asked for any. ' +
    'A session at which nobody sits is locked after the time of --idle-lock: only a new sign-in goes on. What is not named stays as it is.',
  examples: [
    'skerry user rules',
    'skerry user rules --second-factor-for owner',
    'skerry user rules --second-factor-for-nobody',
    'skerry user rules --idle-lock 15m',
  ],
  arguments: {},
  options: {
    roles: list('--second-factor-for <role>', 'a role that needs one', fits(RoleName)),
    nobody: flag('--second-factor-for-nobody', 'no role needs one'),
    idleLockSeconds: value('--idle-lock <time>', 'lock sessions after so long, 2m to 12h', parseDuration),
    isNeverLocked: flag('--idle-lock-off', 'never lock them'),
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
          `a second factor is asked of: ${rules.secondFactorFor.join(', ') || 'nobody'}`,
          `sessions are locked: ${rules.idleLockSeconds === undefined ? 'never' : `after ${rules.idleLockSeconds} s without anybody there`}`,
        ].join('\n'),
    })
  },
})
