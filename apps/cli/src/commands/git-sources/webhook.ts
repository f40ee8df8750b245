import { command } from '../../program/command.ts'
import { GIT_SOURCE } from './git-source-view.ts'

export const makeGitWebhook = command({
  name: 'git-source webhook',
  summary: 'Make a webhook of a Git source, so that a push is synchronised at once; an older one ends',
  details:
    'Enter the URL and the secret at the Git server, for push events, with JSON as the content type. GitHub, Gitea, Forgejo and GitLab ' +
    'authenticate in ways that the hub knows. The secret is shown once.',
  examples: ['skerry git-source webhook fleet'],
  arguments: { name: GIT_SOURCE },
  options: {},
  async run({ name }, session) {
    const { client } = await session.hub()
    const made = await client.gitSource.webhook({ name }, { signal: session.signal })
    session.print({ json: made, text: () => `url     ${made.url}\nsecret  ${made.secret}` })
  },
})
