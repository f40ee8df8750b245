/**
 * Git hooks: a Git server tells the hub that a branch has moved. The content of the message does not matter: the hub
 * looks at the repository itself, so a stolen secret can only make it look more often.
 *
 *     POST /git-hooks/SOURCE     X-Hub-Signature-256 of GitHub, Gitea and Forgejo, X-Gitlab-Token, or a bearer token
 */

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { openSecrets } from './git-secrets.ts'
import { changeGitSource, gitSourceOfId } from './git-source-store.ts'

/** A push of hundreds of commits. A larger message is rejected, and the source is looked at in its interval. */
const BODY_MAX = 256 * 1024

/** Adds the route. */
export async function installGitHooks(app: FastifyInstance, hub: Hub): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_MAX }, (_request, body, done) =>
      done(null, body),
    )
    scope.post('/git-hooks/:source', { bodyLimit: BODY_MAX }, async (request, reply) => {
      const { source } = request.params as { source: string }
      const row = await gitSourceOfId(hub.store.db, source)
      const secrets = row && (await openSecrets(hub.store.db, hub.vault, row))
      if (!row || secrets?.hook === undefined || !isGenuine(request, secrets.hook)) {
        refuseGuesser(hub, { source: request.ip, identity: row?.id }, 'git_hook_refused')
        throw problem('git_hook_refused')
      }
      await hub.store.transaction((tx) => changeGitSource(tx, row, { next_at_ms: hub.clock.nowMs() }))
      return reply.status(202).send({})
    })
  })
}

/** [GitHub, securing webhooks] HMAC-SHA256 of the body. [GitLab, webhooks] The secret itself, in a header. */
function isGenuine({ headers, body }: FastifyRequest, secret: string): boolean {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
  const expected = `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  return (
    isEqual(headers['x-hub-signature-256'], expected) ||
    isEqual(headers['x-gitlab-token'], secret) ||
    isEqual(bearer, secret)
  )
}

function isEqual(given: string | string[] | undefined, expected: string): boolean {
  if (typeof given !== 'string') return false
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
