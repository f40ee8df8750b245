/**
 * Install routes: a new device gets the agent from its own hub, before it is a device. Its join token is the password.
 *
 *     GET /install.sh               the script, for everybody: it has no secret
 *     GET /install/agent?arch=x64   the package for this machine, as lines that a shell can read
 *     GET /install/files/:digest    a file of that package
 */
import { Architecture } from '@skerry/contract/agents/agent-package'
import { JoinTokenContent } from '@skerry/contract/joining/join'
import { parseJson } from '@skerry/core/values/parse-json'
import { hexOf } from '@skerry/platform/files/hash'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendBlob } from '../http/byte-routes.ts'
import type { OpenCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { tokenOfSecret } from '../joining/join-device.ts'
import { installScript } from './install-script.ts'
import { type OfferedPackage, offeredPackage } from './offered-package.ts'

type CallOf = (request: FastifyRequest, reply: FastifyReply) => OpenCall

export function installInstallRoutes(app: FastifyInstance, hub: Hub, callOf: CallOf): void {
  app.get('/install.sh', async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(scriptOf(hub)),
  )
  app.get('/install/agent', async (request, reply) => {
    const { organisation_id } = await tokenFor(callOf(request, reply))
    const { arch } = request.query as { arch?: string }
    const architecture = Architecture.safeParse(arch)
    if (!architecture.success) throw problem('input_invalid', 'give the machine as ?arch=x64 or ?arch=arm64')
    const offered = await offeredPackage(hub.store.db, organisation_id, architecture.data)
    if (!offered) throw problem('agent_missing', `no agent package for ${architecture.data} was pushed`)
    return reply.type('text/plain; charset=utf-8').send(linesOf(offered))
  })
  app.get('/install/files/:digest', async (request, reply) => {
    const { organisation_id } = await tokenFor(callOf(request, reply))
    const { digest } = request.params as { digest: string }
    // A join token opens the files of agents, and no other file of the organisation.
    const offered = await Promise.all(
      Architecture.options.map((architecture) => offeredPackage(hub.store.db, organisation_id, architecture)),
    )
    const isOffered = offered.some((one) => one?.files.some((file) => file.digest === digest))
    if (!isOffered) throw problem('blob_unknown')
    return sendBlob(hub, request, reply, { organisationId: organisation_id })
  })
}

const scriptOf = (hub: Hub) =>
  installScript({
    hubUrl: hub.config.publicUrl().replace(/\/$/, ''),
    authoritiesPem: hub.authorities.roots(),
    fingerprint: hub.config.caFingerprint,
  })

/** The join token of the request, which may not have ended. A token that was used up serves a repeated installation. */
async function tokenFor(call: OpenCall) {
  const [, text = ''] = /^Bearer skj_(\S+)$/.exec(call.authorization ?? '') ?? []
  const content = JoinTokenContent.safeParse(parseJson(Buffer.from(text, 'base64url').toString()))
  if (!content.success) throw problem('token_refused')
  const token = await tokenOfSecret(call, content.data.secret)
  if (token.revoked_at_ms !== null || token.expires_at_ms <= call.hub.clock.nowMs()) throw problem('token_refused')
  return token
}

function linesOf({ digest, manifest: { version, launcher, node }, files }: OfferedPackage): string {
  const lines = [
    `digest ${hexOf(digest)}`,
    `version ${version}`,
    `launcher ${launcher}`,
    `node ${node.path ?? '-'}`,
    `node-major ${node.version.split('.')[0]}`,
    ...files.map((file) => `file ${file.form} ${hexOf(file.digest)} ${file.path}`),
  ]
  return `${lines.join('\n')}\n`
}
