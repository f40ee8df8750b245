/**
 * EST [RFC 7030]: the standard way to get a certificate, for devices and tools that do not know Skerry. The rules of
 * /v1/join and of the link apply: a join token is the password, and a renewal needs the same key. A person may have to
 * approve the device.
 *
 *     GET  /.well-known/est/cacerts          the certificates that sign for hub and devices
 *     POST /.well-known/est/simpleenroll     HTTP Basic: a free name, a join token as the password; or the certificate
 *     POST /.well-known/est/simplereenroll   the device's certificate
 */
import { SerialNumber } from '@skerry/contract/joining/join'
import { Name } from '@skerry/contract/values/names'
import { certificatePemsIn } from '@skerry/platform/certificates/certificate'
import { subjectOfRequest } from '@skerry/platform/certificates/certificate-authority'
import { certificateBag } from '@skerry/platform/certificates/certificate-bag'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { renewCertificate } from '../devices/renew-certificate.ts'
import { recordRefusal } from '../http/admission/call-watch.ts'
import type { OpenCall } from '../http/call.ts'
import { isProblem, problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { joinDevice } from '../joining/join-device.ts'
import { certificateFor, retryAfterMs } from '../joining/join-handler.ts'
import { callingDevice, tlsSocketOf } from '../link/calling-device.ts'

/** [contract, CertificateRequest] Base64 of a request with any extensions. */
const REQUEST_MAX = 8_192

type CallOf = (request: FastifyRequest, reply: FastifyReply) => OpenCall

export async function installEst(app: FastifyInstance, hub: Hub, callOf: CallOf): Promise<void> {
  await app.register(async (scope) => {
    scope.addContentTypeParser('application/pkcs10', { parseAs: 'string', bodyLimit: REQUEST_MAX }, (_, body, done) =>
      done(null, body),
    )
    scope.get('/.well-known/est/cacerts', async (_request, reply) =>
      sendBag(reply, [
        ...new Set([...hub.authorities.tlsAuthorities(), ...certificatePemsIn(hub.authorities.roots())]),
      ]),
    )
    scope.post('/.well-known/est/simpleenroll', async (request, reply) => {
      const csr = requestOf(request.body)
      const device = await deviceOf(hub, request)
      if (device) return sendBag(reply, [await renewCertificate(hub, { ...device, csr, source: request.ip })])
      return enrol(hub, { call: callOf(request, reply), csr, secret: secretOf(request.headers.authorization) }, reply)
    })
    scope.post('/.well-known/est/simplereenroll', async (request, reply) => {
      const csr = requestOf(request.body)
      const device = await deviceOf(hub, request)
      if (!device) throw problem('certificate_missing')
      return sendBag(reply, [await renewCertificate(hub, { ...device, csr, source: request.ip })])
    })
  })
}

type Enrolment = { call: OpenCall; csr: string; secret: string | undefined }

async function enrol(hub: Hub, { call, csr, secret }: Enrolment, reply: FastifyReply): Promise<FastifyReply> {
  if (secret === undefined) return askForPassword(reply)
  try {
    const joined = await joinDevice(call, { secret, csr, ...wishesOf(csr) })
    if (joined.device.status === 'pending') {
      // [RFC 7030 4.2.3] The device repeats the same request later.
      const seconds = Math.ceil(retryAfterMs(hub, joined.device) / 1_000)
      const words = `a person must approve ${joined.device.name}: "skerry device approve ${joined.device.name}"\n`
      return reply.status(202).header('retry-after', seconds).type('text/plain').send(words)
    }
    return sendBag(reply, [await certificateFor(hub, { ...joined, source: call.source })])
  } catch (error) {
    if (!isProblem(error)) throw error
    await recordRefusal(call, { path: ['device', 'join'], route: undefined, input: undefined }, error)
    if (error.code === 'token_refused') return askForPassword(reply)
    throw error
  }
}

/** [RFC 7030 3.2.3] A missing and a wrong password get the same answer. */
function askForPassword(reply: FastifyReply): FastifyReply {
  const { message } = problem('token_refused')
  return reply
    .status(401)
    .header('www-authenticate', 'Basic realm="Skerry join token", charset="UTF-8"')
    .send(problem('token_refused', `${message}; send it as the password`).toJSON())
}

/** The name and serial number in the subject of the request. The name counts only if it is valid. Neither is proved. */
function wishesOf(csr: string) {
  const { commonName, serialNumber } = subjectOfRequest(csr)
  const name = Name.safeParse(commonName?.toLowerCase())
  const serial = SerialNumber.safeParse(serialNumber)
  return {
    ...(name.success && { name: name.data }),
    ...(serial.success && { serial: serial.data }),
    inventory: { hostname: commonName?.slice(0, 253) ?? 'device', os: 'EST client', arch: '', cpuModel: '' },
  }
}

/**
 * The device whose certificate TLS has verified. Undefined if there is no certificate; throws if the certificate does
 * not count.
 */
async function deviceOf(hub: Hub, request: FastifyRequest) {
  if (!tlsSocketOf(request).getPeerX509Certificate()) return undefined
  const { id: deviceId } = await callingDevice(hub, request, 'renew')
  return { deviceId }
}

/**
 * [RFC 7030 4.2.1] Base64 of the request in DER, on one or more lines. Tools also send PEM, which is the same with two
 * more lines.
 */
function requestOf(body: unknown): string {
  const base64 = String(body ?? '').replaceAll(/-----[^-]+-----|\s/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) throw problem('csr_invalid')
  return `-----BEGIN CERTIFICATE REQUEST-----\n${base64}\n-----END CERTIFICATE REQUEST-----\n`
}

/** [RFC 7617] The secret of the join token in the password: part of the token's text, or alone. */
function secretOf(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(authorization ?? '') ?? []
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const password = text.slice(text.indexOf(':') + 1).trim()
  if (password === '') return undefined
  if (!password.startsWith('skj_')) return password.slice(0, 64)
  try {
    const { secret } = JSON.parse(Buffer.from(password.slice(4), 'base64url').toString('utf8')) as { secret?: unknown }
    return typeof secret === 'string' ? secret.slice(0, 64) : undefined
  } catch {
    return undefined
  }
}

/** [RFC 7030 4.1.3 and 4.2.3; RFC 8951 3.1] */
function sendBag(reply: FastifyReply, certificates: readonly string[]): FastifyReply {
  const lines =
    certificateBag(certificates)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  return reply
    .type('application/pkcs7-mime; smime-type=certs-only')
    .header('content-transfer-encoding', 'base64')
    .send(`${lines.join('\r\n')}\r\n`)
}
