/** Certificates of a plant, made by openssl: an authority, and a server and a client that it knows, all for `localhost`. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** They are in the folder, too, as `ca`, `server` and `client` with `.crt` and `.key`: one that is there until the test is over, where none is named. */
export function makeCertificates(folder = ownFolder()) {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const text = (name: string) => readFileSync(join(folder, name), 'utf8')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '1', '-subj', '/CN=Plant')
  const issue = (name: string) => {
    const more = ['-addext', 'subjectAltName=DNS:localhost', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', '1']
    openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`, ...more)
    return { certificate: text(`${name}.crt`), key: text(`${name}.key`) }
  }
  return { folder, ca: text('ca.crt'), server: issue('server'), client: issue('client') }
}

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
