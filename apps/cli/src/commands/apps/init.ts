import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { COMPOSE_PATH, CONFIG_SCHEMA_PATH } from '@skerry/contract/kinds/app'
import { asIs, command, optional } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'

const COMPOSE = `# The services of an app, in the subset of Compose that "skerry app lint" checks.
services:
  web:
    # Save the image with "docker save -o web.tar web:1", and push it with --image web.tar.
    image: web:1
    ports:
      # Reachable on the device only. Write 0.0.0.0:8080:80 to let other machines in.
      - 8080:80
    environment:
      # A deployment can replace it, because config.schema.json has a setting of this name.
      GREETING: hello
    volumes:
      - data:/data
    healthcheck:
      # While this fails, a new release is on probation. The agent then returns to the release before.
      test: wget -q -O /dev/null http://127.0.0.1:80/
      interval: 5s
      timeout: 2s
      retries: 3
      start_period: 5s
    deploy:
      resources:
        limits:
          memory: 64m
          cpus: 0.5
          pids: 64

volumes:
  data:
`

const SCHEMA = {
  type: 'object',
  properties: { GREETING: { type: 'string', title: 'Greeting', default: 'hello', maxLength: 100 } },
}

export const initApp = command({
  name: 'app init',
  summary: 'Write an example of a Compose file, and of a schema of settings',
  examples: ['skerry app init', 'skerry app init dashboard'],
  arguments: { folder: optional('[folder]', 'folder to write to; created if it is missing', asIs) },
  options: {},
  async run({ folder = '.' }, session) {
    await mkdir(folder, { recursive: true })
    const files = [
      await writeNew(join(folder, COMPOSE_PATH), COMPOSE),
      await writeNew(join(folder, CONFIG_SCHEMA_PATH), `${JSON.stringify(SCHEMA, undefined, 2)}\n`),
    ]
    const next = `check it with "skerry app lint ${join(folder, COMPOSE_PATH)}"`
    session.print({ json: { files }, text: () => [...files.map((file) => `wrote ${file}`), next].join('\n') })
  },
})

/** An existing file is never overwritten. */
async function writeNew(path: string, text: string): Promise<string> {
  try {
    await writeFile(path, text, { flag: 'wx' })
    return path
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST' ? 'it exists' : String(cause)
    throw fail('file_unwritable', `cannot write ${path}: ${why}`, { cause })
  }
}
