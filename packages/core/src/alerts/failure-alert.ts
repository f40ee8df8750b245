/**
 * Failure alert: the words for a version that failed on a device. It names model, device, cause and the next command,
 * and which versions serve there.
 */
import { causeText } from '../devices/cause-words.ts'
import type { FailureFact, SiteGroup } from './alert-facts.ts'

/** A cause may have 1,000 characters, as many as the whole message of an alert. */
const CAUSE_MAX = 300

/** A list of models is cut after these, so that the cause stays in sight. */
const OTHERS_MAX = 3

/** `who` is the device and its site, or the number of devices. Without a read failure, `fallback` is the message. */
export function failureMessage(group: SiteGroup | undefined, who: string, isOne: boolean, fallback: string): string {
  if (!group?.failure) return `${who} ${fallback}`
  const { device, failure } = group
  const { model, version, code, message, remembered } = failure
  const cause = causeText({ code, message: shortened(namedRetry(message, group)), remembered })
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

/** The device does not know its name at the hub, so its message leaves both names open. */
const namedRetry = (message: string, { device, failure }: SiteGroup) =>
  failure?.deployment === undefined ? message : message.replace('DEVICE DEPLOYMENT', `${device} ${failure.deployment}`)

const shortened = (message: string) => (message.length > CAUSE_MAX ? `${message.slice(0, CAUSE_MAX)} …` : message)

/** The commands for the named device. Without a deployment there is nothing to retry. */
export function failureAction(group: SiteGroup | undefined): string | undefined {
  if (!group) return undefined
  const { device, failure } = group
  const deployment = failure?.deployment
  if (deployment === undefined) {
    return `See the cause with \`skerry device show ${device}\`. Correct it, or deploy another version`
  }
  return `See why with \`skerry deployment explain ${deployment} ${device}\`. Correct the cause, then retry with \`skerry device retry ${device} ${deployment}\`, or deploy another version`
}
