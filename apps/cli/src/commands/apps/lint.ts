import { asIs, command, optional } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { sizeText } from '../../program/terminal/words.ts'
import { COMPOSE_FILE, composeOptions } from './compose-file.ts'
import { readApp, releaseOf } from './release-files.ts'

export const lintApp = command({
  name: 'app lint',
  summary: 'Check the Compose file of an app, and show its services',
  details:
    'Connects to nothing and runs nothing. Reports each field that an app cannot have, with its line: apps have a subset of the ' +
    'Compose specification, without access to the device around them. With --image it checks the images too. A push makes the same checks.',
  examples: ['skerry app lint', 'skerry app lint dashboard/compose.yaml --image dashboard.tar'],
  arguments: { file: optional('[file]', `the Compose file; ${COMPOSE_FILE} by default`, asIs) },
  options: composeOptions,
  async run({ file = COMPOSE_FILE, ...options }, session) {
    const composed = await readApp({ file, ...options })
    const release =
      options.images.length > 0 ? await releaseOf({ file, ...options }, composed, session.signal) : undefined
    const { services } = composed.draft
    session.print({
      json: { services: release?.app.services ?? services, settings: composed.config?.schema.properties ?? {} },
      text: () =>
        tableOf(
          session.style,
          ['SERVICE', 'IMAGE', 'MEMORY', 'CPUS', 'HEALTH CHECK'],
          Object.entries(services).map(([name, { imageName, resources, healthcheck }]) => [
            name,
            imageName,
            sizeText(resources.memoryBytes),
            String(resources.cpus),
            healthcheck ? 'yes' : 'no: the agent only sees whether it runs',
          ]),
          '',
        ),
    })
  },
})
