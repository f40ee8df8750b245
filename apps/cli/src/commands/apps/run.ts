import { configProblems } from '@skerry/core/apps/app-config'
import { asIs, command, flag, list, usually } from '../../program/command.ts'
import { fail, wrongUsage } from '../../program/failure.ts'
import { givenSettings, parseSetting } from '../deployments/deploy-settings.ts'
import { chosenSocket, openImageSources, sourceOptions } from './archives/image-sources.ts'
import { COMPOSE_FILE, composeOptions } from './compose-file.ts'
import { readApp, releaseOf } from './release-files.ts'
import { runLocally } from './running/local-run.ts'

export const runApp = command({
  name: 'app run',
  summary: 'Run an app on this machine, as a device would, until Ctrl-C',
  details:
    'For developers, before a push. It uses the container engine of this machine and connects to no hub, unless an image is one of its registry. The containers have the limits and rights that ' +
    'they have on a device, and a release that a device would return ends the command with the reason. At the end the containers are removed; volumes stay for the next run. ' +
    'A file with a secret is shown to the containers as /run/secrets/NAME, and a folder with data as /run/data/NAME/current.',
  examples: [
    'skerry app run --image engine://web:1',
    'skerry app run --compose dashboard/compose.yaml --image web.tar --set REFRESH_SECONDS=10 --secret db-password=password.txt',
    'skerry app run --image web.tar --until-up',
  ],
  arguments: {},
  options: {
    file: usually('--compose <file>', COMPOSE_FILE, 'the Compose file', asIs),
    ...composeOptions,
    ...sourceOptions,
    settings: list('--set <name=value>', 'value of a setting of config.schema.json', parseSetting),
    secrets: list('--secret <name=file>', 'file with the value of a secret', parseSetting),
    data: list('--data <name=folder>', 'folder with data that a service names', parseSetting),
    isUntilUp: flag('--until-up', 'end as soon as all services run and are healthy, for tests'),
    isFresh: flag('--fresh', 'remove the volumes of an earlier run first'),
  },
  output: 'stream',
  async run(input, session) {
    const composed = await readApp(input)
    await using sources = await openImageSources(input, session)
    const { app, blobs } = await releaseOf({ ...input, read: sources.read }, composed, session.signal)
    const config = givenSettings('the app', app.config, input.settings)
    const problems = configProblems(app.config, config)
    if (problems.length > 0)
      throw wrongUsage(problems.map(({ setting, message }) => `${setting} ${message}`).join('; '), 'correct --set')
    const services = Object.values(app.services)
    const secrets = new Map(input.secrets)
    const data = new Map(input.data)
    requireAll(
      'secret',
      services.flatMap((service) => service.secrets ?? []),
      secrets,
    )
    requireAll(
      'data',
      services.flatMap((service) => service.data ?? []),
      data,
    )
    const socket = chosenSocket(input, session)
    const { isUntilUp, isFresh } = input
    await runLocally({ app, blobs, config, secrets, data, socket, isUntilUp, isFresh }, session)
    await sources.forget()
  },
})

function requireAll(word: 'secret' | 'data', names: readonly string[], given: ReadonlyMap<string, string>): void {
  const missing = [...new Set(names)].filter((name) => !given.has(name))
  if (missing.length === 0) return
  const next = missing.map((name) => `--${word} ${name}=${word === 'secret' ? 'FILE' : 'FOLDER'}`).join(' ')
  throw fail('app_run_failed', `the release needs ${word} ${missing.join(', ')}`, { next: `add ${next}` })
}
