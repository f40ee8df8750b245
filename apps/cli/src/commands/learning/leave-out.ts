import { command } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { LEARNING } from './learning-argument.ts'
import { MARK_TIMES, markTime } from './mark-times.ts'

export const leaveOut = command({
  name: 'learn leave-out',
  summary: 'Leave a time out of a learning that is under way: the machine was not in order',
  details: 'The device takes rows in this time all the same, and does not learn from them.',
  examples: ['skerry learn leave-out pump-normal --from 3h --to 1h --reason "the pump was serviced"'],
  arguments: { name: LEARNING },
  options: { ...MARK_TIMES, reason: REASON },
  run: (given, session) => markTime({ ...given, kind: 'left-out' }, session),
})
