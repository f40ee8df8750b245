import { setTimeout as sleep } from 'node:timers/promises'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { ServiceName } from '@skerry/contract/apps/app'
import { APP_LOG_LINES_MAX, type AppLogLine } from '@skerry/contract/apps/app-log'
import { Name } from '@skerry/contract/values/names'
import { command, fits, flag, required, usually, value } from '../../program/command.ts'
import type { Session } from '../../program/session.ts'
import type { Style } from '../../program/terminal/style.ts'
import { instantOf, parseMoment } from '../../program/values.ts'
import { freshLines, NOTHING_SHOWN, type ShownLines } from './fresh-lines.ts'

export const listAppLogs = command({
  name: 'app logs',
  summary: 'Show the newest lines that the containers of an app on a device wrote',
  details:
    'With --follow, new lines are fetched every few seconds, and less often while there are none; --json then prints a line for each. Each fetch is in the audit log.',
  examples: [
    'skerry app logs gateway-1 dashboard',
    'skerry app logs gateway-1 dashboard --service web --since 10m --json',
    'skerry app logs gateway-1 dashboard --follow --match error',
  ],
  arguments: {
    device: required('<device>', 'name or id of the device', fits(DeviceReference)),
    app: required('<app>', 'name of the app', fits(Name)),
  },
  options: {
    service: value('--service <service>', 'only of this service', fits(ServiceName)),
    tail: usually('--tail <count>', '200', 'number of lines', parseTail),
    since: value('--since <time>', 'only from this time: 2026-11-24T10:30Z, or 10m, 2h for a time ago', parseMoment),
    match: value('--match <text>', 'only lines with this text, in capitals or not', String),
    isFollowing: flag('-f, --follow', 'go on with new lines until Ctrl-C'),
  },
  async run({ device, app, service, tail, since, match = '', isFollowing }, session) {
    const { client } = await session.hub()
    const sinceMs = instantOf(since, session.io.nowMs())
    const asked = {
      device,
      app,
      tail,
      ...(service !== undefined && { service }),
      ...(sinceMs !== undefined && { sinceMs }),
    }
    const wanted = match.toLowerCase()
    const isWanted = ({ text }: AppLogLine) => text.toLowerCase().includes(wanted)
    if (isFollowing) {
      const fetchLines = async (fromMs: number | undefined) =>
        (
          await client.app.logs(
            { ...asked, ...(fromMs !== undefined && { sinceMs: fromMs }) },
            { signal: session.signal },
          )
        ).lines
      return followLog({ fetchLines, isWanted }, session)
    }
    const found = await client.app.logs(asked, { signal: session.signal })
    const logs = { ...found, lines: found.lines.filter(isWanted) }
    const text = () => logs.lines.map((line) => lineText(line, session.style)).join('\n')
    session.print({ json: logs, text: logs.lines.length === 0 ? () => session.style.dim('no lines') : text })
  },
})

type Following = {
  fetchLines: (fromMs: number | undefined) => Promise<readonly AppLogLine[]>
  isWanted: (line: AppLogLine) => boolean
}

/** New lines show soon, and a silent app costs few requests. */
const POLL_MIN_MS = 3_000
const POLL_MAX_MS = 30_000

async function followLog({ fetchLines, isWanted }: Following, session: Session): Promise<void> {
  let shown: ShownLines = NOTHING_SHOWN
  for (let waitMs = POLL_MIN_MS; ; ) {
    const { fresh, next } = freshLines(shown, await fetchLines(shown.newestMs))
    shown = next
    for (const line of fresh.filter(isWanted)) {
      session.printEvent({ json: line, text: () => lineText(line, session.style) })
    }
    waitMs = fresh.length > 0 ? POLL_MIN_MS : Math.min(waitMs * 2, POLL_MAX_MS)
    await sleep(waitMs, undefined, { signal: session.signal })
  }
}

/** `2026-11-24 10:30:05.123Z web text of the line`. */
const lineText = ({ atMs, service, text }: AppLogLine, style: Style): string =>
  `${style.dim(new Date(atMs).toISOString().replace('T', ' '))} ${style.bold(service)} ${text}`

function parseTail(text: string): number {
  const tail = Number(text)
  if (Number.isInteger(tail) && tail >= 1 && tail <= APP_LOG_LINES_MAX) return tail
  throw new Error(`must be a whole number from 1 to ${APP_LOG_LINES_MAX}`)
}
