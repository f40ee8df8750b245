/**
 * Mail: sends letters to people over SMTP. Plain text only: links, and no content that a mail program would have to
 * fetch.
 */
import type { Log } from '@skerry/platform/process/log'

export type MailOptions = { smtpUrl: string; from: string }

export type Letter = { to: string; subject: string; text: string }

export type Mail = {
  /** Whether a server has accepted it. */
  send(letter: Letter): Promise<boolean>
}

/** A server that is silent for this time will not answer. */
const SILENCE_MS = 15_000

/** Loads the library with the first letter, because most hubs send few. */
export function createMail({ smtpUrl, from }: MailOptions, log: Pick<Log, 'warn'>): Mail {
  return {
    async send(letter) {
      const { createTransport } = await import('nodemailer')
      const silence = { connectionTimeout: SILENCE_MS, greetingTimeout: SILENCE_MS, socketTimeout: SILENCE_MS }
      const { protocol, hostname, port, username, password, searchParams } = new URL(smtpUrl)
      const isSecure = protocol === 'smtps:'
      const transport = createTransport({
        host: hostname,
        port: Number(port || (isSecure ? 465 : 587)),
        secure: isSecure,
        ...silence,
        // TLS is required, because the connection carries a password. Only an explicit option turns it off.
        requireTLS: searchParams.get('tls') !== 'off',
        ignoreTLS: searchParams.get('tls') === 'off',
        ...(username ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
        // The library must not fetch any content of a letter.
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      try {
        await transport.sendMail({ from, ...letter })
        return true
      } catch (error) {
        log.warn('mail_not_sent', { error })
        return false
      } finally {
        transport.close()
      }
    },
  }
}
