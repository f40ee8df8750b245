/** Mailbox: a real SMTP server that keeps what it gets. */
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export type Mailbox = { port: number; letters: string[]; close(): Promise<void> }

export async function openMailbox(): Promise<Mailbox> {
  const letters: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        // [RFC 2045 6.7] Lines that were cut for the way.
        letters.push(Buffer.concat(chunks).toString('utf8').replaceAll('=\r\n', '').replaceAll('=3D', '='))
        done()
      })
    },
  })
  const listening = server.listen(0, '127.0.0.1')
  await new Promise<void>((resolve) => listening.once('listening', resolve))
  const { port } = listening.address() as AddressInfo
  return { port, letters, close: () => new Promise((resolve) => server.close(resolve)) }
}

/** What a hub is told of it. */
export const mailOptions = ({ port }: Mailbox) => ({
  smtpUrl: `smtp://127.0.0.1:${port}?tls=off`,
  from: 'skerry@plant.example',
})
