/** The process of certificate-request.ts: takes a private key (PEM) as its one message, answers with the request, and ends. */
import { createCertificateRequest } from '@skerry/platform/certificates/certificate-request'

process.once('message', async (privateKeyPem) => {
  const pem = await createCertificateRequest(String(privateKeyPem))
  process.send?.(pem, () => process.disconnect())
})
