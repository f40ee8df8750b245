/** Other site: a page of somebody else, on the host of the hub and another port, over TLS. */
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'

/** Opens it on a free port. */
export async function openOtherSite(): Promise<AsyncDisposable & { url: string }> {
  const nowMs = Date.now()
  const authority = await createAuthority({ commonName: 'Somebody else', nowMs })
  const { certificatePem, privateKeyPem } = await issueServerCertificate(authority, { names: ['127.0.0.1'], nowMs })
  const server = createServer({ cert: certificatePem, key: privateKeyPem }, (_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Somebody else</title>')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
