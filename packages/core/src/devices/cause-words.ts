/**
 * Cause words: the reason for a failure, for the CLI and the console. A failure that a device remembers is not fresh:
 * the device did not try the version again.
 */

type Reason = { code: string; message?: string | undefined; remembered?: true | undefined }

/** The command that lets one device try again. */
export const retryCommand = (device: string, deployment: string): string =>
  `skerry device retry ${device} ${deployment}`

/**
 * `golden_mismatch: y differs`, or `not tried again: it failed here before (remembered): golden_mismatch: y differs`.
 * `retry` is the command that makes the device forget; it is named if no other line does.
 */
export function causeText(cause: Reason, retry?: string): string {
  const { code, message = '' } = cause
  return `${rememberedText(cause, retry)}${message === '' ? code : `${code}: ${message}`}`
}

/** The lead before the cause of a remembered failure; empty for a fresh one. */
export function rememberedText({ message = '', remembered }: Omit<Reason, 'code'>, retry?: string): string {
  if (!remembered) return ''
  // Some causes name the command themselves.
  const next = retry === undefined || message.includes('device retry') ? '' : `; retry with \`${retry}\``
  return `not tried again: it failed here before (remembered${next}): `
}
