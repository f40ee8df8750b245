/** Model server: a web server with a certificate of its own authority, which serves one model as a file and as an artefact. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createAuthority, issueServerCertificate } from '@skerry/platform/certificates/certificate-authority'
import { digestOf } from '@skerry/platform/files/hash'

export type ModelServer = AsyncDisposable & {
  url: string
  /** With the port, as in the address of an artefact. */
  host: string
  /** Lets a test hub connect here. */
  webhooks: { allowed: { host: string; port: number }[]; ca: string }
  /** The admitted requests, as `GET /path`. */
  seen: string[]
  /** Replaces the model. */
  serve(bytes: Buffer): void
  /** The digest of the artefact's manifest. */
  manifestDigest(): string
}

/** Requests with this bearer token are served; all others get 401. */
export async function openModelServer(token: string, bytes: Buffer): Promise<ModelServer> {
  let served = bytes
  const seen: string[] = []
  const nowMs = Date.now()
  const authority = await createAuthority({ commonName: 'company', nowMs })
  const own = await issueServerCertificate(authority, { names: ['127.0.0.1', 'models.example.com'], nowMs })
  const server = createServer({ cert: own.certificatePem, key: own.privateKeyPem }, (request, response) => {
    if (request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401).end()
      return
    }
    seen.push(`${request.method} ${request.url}`)
    answer(request, response, served)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    webhooks: { allowed: [{ host: '127.0.0.1', port }], ca: authority.certificatePem },
    seen,
    serve(next) {
      served = next
    },
    manifestDigest: () => digestOf(Buffer.from(manifestOf(served))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answer({ url = '', method }: IncomingMessage, response: ServerResponse, served: Buffer): void {
  const digest = digestOf(served)
  if (url === '/v2/') return void response.end('{}')
  if (url === '/away.onnx') return void response.writeHead(302, { location: 'https://169.254.169.254/m.onnx' }).end()
  if (url === '/page.onnx') return void response.end('<!doctype html>')
  if (url.includes('/manifests/')) return void response.end(manifestOf(served))
  if (url.includes('/blobs/') && !url.endsWith(digest)) return void response.writeHead(404).end()
  response.writeHead(200, { etag: `"${digest}"`, 'content-length': served.length })
  response.end(method === 'HEAD' ? undefined : served)
}

/** [CNCF model-spec] One raw file of weights. */
const manifestOf = (served: Buffer): string =>
  JSON.stringify({
    schemaVersion: 2,
    layers: [
      {
        mediaType: 'application/vnd.cncf.model.weight.v1.raw',
        digest: digestOf(served),
        size: served.length,
        annotations: { 'org.cncf.model.filepath': 'model.onnx' },
      },
    ],
  })
