/** Procedures on Git sources. */
import * as z from 'zod'
import { CommitHash, GIT_SOURCES_MAX, GitSource, GitSourceSpec } from '../../git-sources/git-source.ts'
import { Name, Reason } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

const named = z.strictObject({ name: Name })

export const gitSourceProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/git-sources',
    access: 'deployment.read',
    scope: 'none',
    approval: 'none',
    summary: 'List the Git repositories that the hub follows, with commit, state and number of differences',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rows: z.array(GitSource).max(GIT_SOURCES_MAX) })),
  get: procedure({
    method: 'GET',
    path: '/v1/git-sources/{name}',
    access: 'deployment.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show a Git source, its newest commit, and its differences from the hub',
    errors: ['git_source_unknown'],
  })
    .input(named)
    .output(GitSource),
  set: procedure({
    method: 'PUT',
    path: '/v1/git-sources/{name}',
    access: 'git.write',
    scope: 'none',
    // The source gets a key of its own, as by key.create.
    approval: 'roles',
    summary: 'Follow a Git repository, or change how; a new source begins paused if you say so',
    errors: ['git_source_refused', 'role_unknown', 'role_refused', 'encryption_key_unavailable', 'approval_needed'],
  })
    .input(
      z.strictObject({
        name: Name,
        spec: GitSourceSpec,
        /** A token, or a private key of OpenSSH. Absent keeps it, unless the host changes. Empty removes it. */
        accessToken: z.string().max(4_000).optional(),
        /** A new source begins paused: it shows the differences, and applies nothing. */
        isPaused: z.boolean().default(false),
      }),
    )
    .output(z.strictObject({ change: z.enum(['created', 'updated']), source: GitSource })),
  pause: procedure({
    method: 'POST',
    path: '/v1/git-sources/{name}/pause',
    access: 'git.write',
    scope: 'none',
    approval: 'none',
    summary: 'Pause a Git source: it shows differences, and applies nothing',
    errors: ['git_source_unknown'],
  })
    .input(z.strictObject({ name: Name, reason: Reason }))
    .output(GitSource),
  resume: procedure({
    method: 'POST',
    path: '/v1/git-sources/{name}/resume',
    access: 'git.write',
    scope: 'none',
    approval: 'none',
    summary: 'Resume a paused Git source; it is synchronised at once',
    errors: ['git_source_unknown'],
  })
    .input(named)
    .output(GitSource),
  sync: procedure({
    method: 'POST',
    path: '/v1/git-sources/{name}/sync',
    access: 'git.write',
    scope: 'none',
    approval: 'none',
    summary: 'Synchronise a Git source now, and accept the effects of a commit that waits for that',
    errors: ['git_source_unknown', 'git_source_refused'],
  })
    .input(z.strictObject({ name: Name, accept: CommitHash.optional() }))
    .output(GitSource),
  webhook: procedure({
    method: 'POST',
    path: '/v1/git-sources/{name}/webhook',
    access: 'git.write',
    scope: 'none',
    approval: 'none',
    summary: 'Make a new webhook of a Git source; the answer shows its secret once, and an older one ends',
    errors: ['git_source_unknown', 'encryption_key_unavailable'],
  })
    .input(named)
    .output(z.strictObject({ url: z.url().max(500), secret: z.string().max(100) })),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/git-sources/{name}',
    access: 'git.write',
    scope: 'none',
    approval: 'none',
    summary: 'Stop following a Git repository; all that it applied stays',
    errors: ['git_source_unknown'],
  })
    .input(named)
    .output(z.strictObject({})),
}
