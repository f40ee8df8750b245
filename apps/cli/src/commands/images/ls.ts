import { allRows } from '@skerry/client/page'
import { Repository } from '@skerry/contract/registry/registry'
import { command, fits, optional } from '../../program/command.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { sizeText } from '../../program/terminal/words.ts'

export const listImages = command({
  name: 'image ls',
  summary: "List the images and other artefacts of the hub's registry",
  details:
    'The hub has a registry for container tools if it runs with --registry-listen. Sign in with any user name, and an API key as the ' +
    'password. "skerry app push --image hub://REPOSITORY:TAG" makes such an image a part of a release.',
  examples: ['skerry image ls', 'skerry image ls plant/web'],
  arguments: { repository: optional('[repository]', 'only the images of this repository', fits(Repository)) },
  options: {},
  async run({ repository }, session) {
    const { client } = await session.hub()
    const only = repository === undefined ? {} : { repository }
    const images = await allRows((page) => client.image.list({ ...page, ...only }, { signal: session.signal }))
    session.print({
      json: images,
      text: () =>
        tableOf(
          session.style,
          ['REPOSITORY', 'TAGS', 'DIGEST', 'SIZE', 'TYPE'],
          images.map((image) => [
            image.repository,
            image.tags.join(', ') || '-',
            image.digest.slice(0, DIGEST_SHOWN),
            sizeText(image.sizeBytes),
            image.artifactType ?? image.mediaType,
          ]),
          'The registry is empty. `skopeo copy`, `docker push` and `oras push` fill it.',
        ),
    })
  },
})

/** As container tools show digests: `sha256:` and 12 digits. */
const DIGEST_SHOWN = 19
