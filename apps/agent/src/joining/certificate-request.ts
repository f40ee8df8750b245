/**
 * Certificate request, made in a process of its own that ends right after. The library for it takes 37 MB. The control
 * process would keep them, although it needs the library once in months.
 */
import { fork } from 'node:child_process'

/** In milliseconds. A request takes some 0.3 s. A minute is enough on a machine that is just starting. */
const TIMEOUT_MS = 60_000

/** A request (PKCS #10, PEM) for the key, signed by it. */
export function requestCertificate(privateKeyPem: string, signal: AbortSignal): Promise<string> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  const script = new URL(
    `./certificate-request-child${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
    import.meta.url,
  )
  return new Promise((resolve, reject) => {
    const child = fork(script, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'], signal: limited })
    child.once('message', (message) => resolve(String(message)))
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`making a certificate request ended with code ${code}`)))
    child.send(privateKeyPem)
  })
}
