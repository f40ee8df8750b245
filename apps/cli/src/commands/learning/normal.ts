import { command } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { LEARNING } from './learning-argument.ts'
import { MARK_TIMES, markTime } from './mark-times.ts'

export const markNormal = command({
  name: 'learn normal',
  summary: 'Mark a time as normal, for the next learning: its alarm was none',
  details:
    'The device copies its rows of this time. The next learning of the same name learns them too, and its detector raises no ' +
    'alarm on them. The running detector stays as it is, until you start a learning and deploy its version.',
  examples: ['skerry learn normal pump-normal --from 2h --to 1h --reason "the filter was changed"'],
  arguments: { name: LEARNING },
  options: { ...MARK_TIMES, reason: REASON },
  run: (given, session) => markTime({ ...given, kind: 'normal' }, session),
})
