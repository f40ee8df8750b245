import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { ServiceName } from '@skerry/contract/apps/app'
import { APP_LOG_LINES_MAX, type AppLogLine } from '@skerry/contract/apps/app-log'
import { Name } from '@skerry/contract/values/names'
import { command, fits, required, usually, value } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { instantOf, parseMoment } from '../../program/values.ts'

export const listAppLogs = command({
  name: 'app logs',
  summary: 'Show the newest lines that the containers of an app on a device wrote',
  examples: [
    'skerry app logs gateway-1 dashboard',
    'skerry app logs gateway-1 dashboard --service web --since 10m --json',
  ],
  arguments: {
    device: required('<device>', 'name or id of the device', fits(DeviceReference)),
    app: required('<app>', 'name of the app', fits(Name)),
  },
  options: {
    service: value('--service <service>', 'only of this service', fits(ServiceName)),
    tail: usually('--tail <count>', '200', 'number of lines', parseTail),
    since: value('--since <time>', 'only from this time: 2026-11-24T10:30Z, or 10m, 2h for a time ago', parseMoment),
  },
  async run({ device, app, service, tail, since }, session) {
    const { client } = await session.hub()
    const sinceMs = instantOf(since, session.io.nowMs())
    const asked = {
      device,
      app,
      tail,
      ...(service !== undefined && { service }),
      ...(sinceMs !== undefined && { sinceMs }),
    }
    const logs = await client.app.logs(asked, { signal: session.signal })
    const text = () => logs.lines.map((line) => lineText(line, session.style)).join('\n')
    session.print({ json: logs, text: logs.lines.length === 0 ? () => session.style.dim('no lines') : text })
  },
})

/** `2026-11-24 10:30:05.123Z web text of the line`. */
const lineText = ({ atMs, service, text }: AppLogLine, style: Style): string =>
  `${style.dim(new Date(atMs).toISOString().replace('T', ' '))} ${style.bold(service)} ${text}`

function parseTail(text: string): number {
  const tail = Number(text)
  if (Number.isInteger(tail) && tail >= 1 && tail <= APP_LOG_LINES_MAX) return tail
  throw new Error(`must be a whole number from 1 to ${APP_LOG_LINES_MAX}`)
}
