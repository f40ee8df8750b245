import { problemOf } from '@skerry/client/problem'
import { FEED_INTERVAL_SECONDS, FeedPlace, ModelFeedSpec } from '@skerry/contract/model-feeds/model-feed'
import { FilePath } from '@skerry/contract/models/model'
import { Name } from '@skerry/contract/values/names'
import { asIs, command, fits, fitsNumber, list, value } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { parseLabel } from '../../program/values.ts'
import { MODEL_FEED } from './model-feed-view.ts'

export const setModelFeed = command({
  name: 'model-feed set',
  summary: 'Let the hub import a model of another system, and again when it changes there',
  details:
    'The place is the https address of an ONNX file, an artefact of a registry (oci://HOST/REPOSITORY:TAG), or a registered model of MLflow ' +
    '(models:/NAME@ALIAS, with --server). The hub itself fetches it, so it must reach the server. Each version states its origin in its lineage. ' +
    'With --alias the version gets the alias, and deployments that name the alias roll it out. A second call changes only the options that you give.',
  examples: [
    'skerry model-feed set anomaly --from oci://registry.example/plant/anomaly:stable --token-file login.txt',
    'skerry model-feed set anomaly --from models:/anomaly@champion --server https://mlflow.example --alias champion',
    'skerry model-feed set anomaly --every 86400',
  ],
  arguments: { name: MODEL_FEED },
  options: {
    place: value('--from <place>', 'https address of an ONNX file, oci:// or models:/', fits(FeedPlace)),
    server: value('--server <url>', 'https address of MLflow, for models:/', asIs),
    model: value('--model <name>', 'name of the model in the hub; the name of the feed by default', fits(Name)),
    file: value('--file <path>', 'the ONNX file of an artefact that has several', fits(FilePath)),
    tokenFile: value('--token-file <file>', 'file with the token or USER:PASSWORD; an empty file removes it', asIs),
    aliases: list('--alias <alias>', 'alias to set to each version', (text) => fits(Name)(text.replace(/^@/, ''))),
    labels: list('--label <key=value>', 'label of each version', parseLabel),
    intervalSeconds: value(
      '--every <seconds>',
      `seconds between two checks (default: ${FEED_INTERVAL_SECONDS.usual})`,
      fitsNumber(ModelFeedSpec.shape.intervalSeconds.unwrap()),
    ),
  },
  async run({ name, tokenFile, aliases, labels, ...given }, session) {
    const { client } = await session.hub()
    const known = await knownSpec(session, name)
    const chosen = Object.fromEntries(Object.entries(given).filter(([, each]) => each !== undefined))
    const wish = {
      model: name,
      ...known,
      ...chosen,
      ...(aliases.length > 0 && { aliases }),
      ...(labels.length > 0 && { labels: Object.fromEntries(labels) }),
    }
    const parsed = ModelFeedSpec.safeParse(wish)
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      const isMissing = !('place' in wish)
      throw wrongUsage(isMissing ? '--from is missing' : `${issue?.path.join('.')}: ${issue?.message}`)
    }
    const token = tokenFile === undefined ? undefined : (await readText(tokenFile)).trim()
    const { change, feed } = await client.modelFeed.set(
      { name, spec: parsed.data, ...(token !== undefined && { accessToken: token }) },
      { signal: session.signal },
    )
    session.print({
      json: { change, feed },
      text: () => `${change} the model feed ${name}; "skerry model-feed sync ${name}" shows the first outcome`,
    })
  },
})

async function knownSpec(session: Session, name: string): Promise<Partial<ModelFeedSpec>> {
  const { client } = await session.hub()
  try {
    return (await client.modelFeed.get({ name }, { signal: session.signal })).spec
  } catch (error) {
    if (problemOf(error).code === 'model_feed_unknown') return {}
    throw error
  }
}
