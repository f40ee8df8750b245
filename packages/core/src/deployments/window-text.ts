/**
 * Window text: an update window in one line, as a command line and a form take it, and in words.
 *
 *     0 2 * * *, Europe/Berlin, 2h       each night from two to four
 */
import type { Strategy } from '@skerry/contract/deployments/deployment'
import { UpdateWindow } from '@skerry/contract/deployments/update-window'
import { durationText, durationWords, parseDuration } from '../values/duration.ts'

/** The window that the text says; undefined where it says none. */
export function parseWindow(text: string): UpdateWindow | undefined {
  const form = /^(?<cron>.+),\s*(?<timeZone>[^,\s]+)\s*,\s*(?<duration>[^,\s]+)$/
  const { cron = '', timeZone, duration = '' } = form.exec(text.trim())?.groups ?? {}
  const fields = cron.trim().split(/\s+/).join(' ')
  return UpdateWindow.safeParse({ cron: fields, timeZone, durationSeconds: parseDuration(duration) }).data
}

/** The text that says this window. */
export const windowText = ({ cron, timeZone, durationSeconds }: UpdateWindow): string =>
  `${cron}, ${timeZone}, ${durationText(durationSeconds)}`

/** Sentences; none where the strategy leaves it open. */
export function windowWords({ window, ignoreLocks }: Pick<Strategy, 'window' | 'ignoreLocks'>): string[] {
  return [
    ...(window?.download ? [`Devices fetch it only ${whenWords(window.download)}.`] : []),
    ...(window?.install ? [`They begin to serve it only ${whenWords(window.install)}.`] : []),
    ...(ignoreLocks ? ['It is installed although applications on them hold update locks.'] : []),
  ]
}

const DAY_SECONDS = 86_400

/** Such as `daily 02:00-04:00 Europe/Berlin`; what is not daily says its expression. */
function whenWords({ cron, timeZone, durationSeconds }: UpdateWindow): string {
  const { minute, hour } = /^(?<minute>\d{1,2}) (?<hour>\d{1,2}) \* \* \*$/.exec(cron)?.groups ?? {}
  const isWhole = durationSeconds % 60 === 0 && durationSeconds < DAY_SECONDS
  if (minute === undefined || hour === undefined || !isWhole) {
    return `for ${durationWords(durationSeconds)} from each ${cron} in ${timeZone}`
  }
  const fromMinutes = Number(hour) * 60 + Number(minute)
  return `daily ${timeOfDay(fromMinutes)}-${timeOfDay(fromMinutes + durationSeconds / 60)} ${timeZone}`
}

const timeOfDay = (minutes: number) =>
  [Math.floor(minutes / 60) % 24, minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')
