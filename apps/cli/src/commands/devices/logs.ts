import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { LOG_LINES_MAX, LogLevel } from '@skerry/contract/devices/log-line'
import { command, fits, flag, required, usually } from '../../program/command.ts'
import { countText } from '../../program/terminal/words.ts'
import { GRANT, WHY } from '../access/access-options.ts'
import { followLog } from '../access/logs.ts'
import { logLineText } from './views/log-view.ts'

export const listDeviceLogs = command({
  name: 'device logs',
  summary: `Show the newest log lines of an agent, which keeps ${LOG_LINES_MAX}`,
  details:
    'With --follow, the command prints each new line until Ctrl-C, as "skerry logs" does: it needs a grant for remote access, the lines ' +
    'are JSON, and --level and --limit do not count.',
  examples: [
    'skerry device logs gateway-1',
    'skerry device logs gateway-1 --level warn --limit 50 --json',
    'skerry device logs gateway-1 -f --reason "watch the rollout"',
  ],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: {
    level: usually('--level <level>', 'debug', `this level and above: ${LogLevel.options.join(', ')}`, fits(LogLevel)),
    limit: usually('--limit <count>', '200', 'number of lines', parseLimit),
    isFollowing: flag('-f, --follow', 'print each new line until Ctrl-C'),
    grant: GRANT,
    reason: WHY,
  },
  async run({ device, level, limit, isFollowing, grant, reason }, session) {
    if (isFollowing) return followLog(session, { device, grant, reason })
    const { client } = await session.hub()
    const logs = await client.device.logs({ device, level, limit }, { signal: session.signal })
    const text = () => logs.lines.map((line) => logLineText(line, session.style)).join('\n')
    session.print({ json: logs, text: logs.lines.length === 0 ? () => session.style.dim('no lines') : text })
    if (logs.omittedCount > 0) session.note(`${countText(logs.omittedCount, 'older line')} not shown`)
  },
})

function parseLimit(text: string): number {
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= LOG_LINES_MAX) return limit
  throw new Error(`must be a whole number from 1 to ${LOG_LINES_MAX}`)
}
