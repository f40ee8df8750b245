/** App logs command: sends the newest lines that the containers of an app wrote to the hub. */
import type { CommandOf } from '@skerry/contract/devices/device-command'
import type { HubDownload } from '../hub/hub-download.ts'
import type { AppLogLine, AppLogQuery } from '../kinds/driver.ts'
import { type CommandResult, rejectCommand } from './command-desk.ts'
import { sendAnswer } from './send-answer.ts'

export type AppLogSource = (
  query: AppLogQuery & { name: string },
  signal: AbortSignal,
) => Promise<AppLogLine[] | undefined>

export async function sendAppLogs(
  { send, appLines }: { send: HubDownload['send']; appLines: AppLogSource },
  { id, app, service, tail, sinceMs }: CommandOf<'app-logs'>,
  signal: AbortSignal,
): Promise<CommandResult<'app-logs'>> {
  const lines = await appLines({ name: app, service, tail, sinceMs }, signal)
  if (!lines) {
    const what = service === undefined ? app : `${app} with a service ${service}`
    return rejectCommand('app_unknown', `the device runs no release of ${what}`)
  }
  return (await sendAnswer(send, { id, text: JSON.stringify(lines) }, signal)) ?? { kind: 'app-logs' }
}
