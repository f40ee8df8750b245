/** Mail: how the hub writes to people, over SMTP. Plain text only: links, and nothing that a mailbox would have to fetch. */
import type { Log } from '@skerry/platform/process/log'

export type MailOptions = { smtpUrl: string; from: string }

export type Letter = { to: string; subject: string; text: string }

export type Mail = {
  /** Whether a server took it. */
  send(letter: Letter): Promise<boolean>
}

/** A server that says nothing for so long will not. */
const SILENCE_MS = 15_000

/** Loads the library with the first letter: most hubs write few. */
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
        // A password is worth nothing where anybody can read along: off only where somebody says so.
        requireTLS: searchParams.get('tls') !== 'off',
        ignoreTLS: searchParams.get('tls') === 'off',
        ...(username ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
        // Nothing of a letter is fetched from anywhere.
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
