/**
 * Failure alert: the words for a version that failed on a device. It names model, device, cause and the next command,
 * and which versions serve there.
 */
import type { FailureFact, SiteGroup } from './alert-facts.ts'

/** A cause may have 1,000 characters, as many as the whole message of an alert. */
const CAUSE_MAX = 300

/** A list of models is cut after these, so that the cause stays in sight. */
const OTHERS_MAX = 3

/** `who` is the device and its site, or the number of devices. Without a read failure, `fallback` is the message. */
export function failureMessage(group: SiteGroup | undefined, who: string, isOne: boolean, fallback: string): string {
  if (!group?.failure) return `${who} ${fallback}`
  const { device, failure } = group
  const { model, version, code, message } = failure
  const cause = message === '' ? code : `${code}: ${shortened(message)}`
  const where = isOne ? who : device
  const text = `${model}:${version} failed on ${where}: ${cause}; ${servesText(failure)}`
  return isOne ? text : `${who} have a failed version. For example, ${text}`
}

function servesText({ model, serving, others }: FailureFact): string {
  if (serving !== undefined) return `version ${serving} still serves`
  const named = others.slice(0, OTHERS_MAX).join(', ')
  const more = others.length > OTHERS_MAX ? ` and ${others.length - OTHERS_MAX} more` : ''
  return `no version of ${model} serves there${others.length === 0 ? '' : `, other models do: ${named}${more}`}`
}

const shortened = (message: string) => (message.length > CAUSE_MAX ? `${message.slice(0, CAUSE_MAX)} …` : message)

/** The commands for the named device; undefined if the failure or its deployment is not known. */
export function failureAction(group: SiteGroup | undefined): string | undefined {
  const deployment = group?.failure?.deployment
  if (!group || deployment === undefined) return undefined
  const { device } = group
  return `See why with \`skerry deployment explain ${deployment} ${device}\`. Correct the cause, then retry with \`skerry device retry ${device} ${deployment}\`, or deploy another version`
}
